package otpsim

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
)

// Recording is a server that answers as a recorded vendor has answered: see [Replay].
type Recording struct {
	*Server

	entries []recorded

	mu       sync.Mutex
	next     int // the entry to be asked for
	mistakes []error
}

type archive struct {
	Log struct {
		Entries []recorded `json:"entries"`
	} `json:"log"`
}

type recorded struct {
	Template string `json:"_template"` // the path below the base URL, "/v1/{sid}/verify"; "" = that of the URL
	Request  struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	} `json:"request"`
	Response struct {
		Status  int `json:"status"`
		Headers []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"headers"`
		Content struct {
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

// Replay serves the HTTP archive (HAR) at path, which "otpctl record" has written, on a free port
// of the loopback interface. Close it when done. It is strict: requests have to come in the
// recorded order, each with its method and path; a {segment}, headers and bodies may be anything.
// Any other request is answered 501 and kept for [Recording.Err].
func Replay(path string) (*Recording, error) {
	r := new(Recording)
	data, err := os.ReadFile(path) //nolint:gosec // it is for reading what the caller names
	if err == nil {
		r.entries, err = readEntries(data)
	}
	if err != nil {
		return nil, fmt.Errorf("otpsim: replay of %s: %w", path, err)
	}
	r.Server = New(Config{Operations: r.operations(), Refuse: func(int) Answer { return notRecorded() }})
	r.Watch(func(x Exchange) {
		if x.Operation == "" {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.mistake(x.Method + " " + x.Path)
		}
	})
	r.Start()
	return r, nil
}

func readEntries(data []byte) ([]recorded, error) {
	var a archive
	if err := json.Unmarshal(data, &a); err != nil {
		return nil, fmt.Errorf("is no HTTP archive: %w", err)
	}
	if len(a.Log.Entries) == 0 {
		return nil, errors.New("is no HTTP archive, or has no entries")
	}
	for i := range a.Log.Entries {
		if err := a.Log.Entries[i].check(); err != nil {
			return nil, fmt.Errorf("log.entries[%d]: %w", i, err)
		}
	}
	return a.Log.Entries, nil
}

func (e *recorded) check() error {
	u, err := url.Parse(e.Request.URL)
	switch {
	case err != nil || u.Path == "" && e.Template == "":
		return errors.New("request.url must have a path")
	case e.Response.Status < 200 || e.Response.Status > 999:
		return errors.New("response.status must be 200 to 999")
	case e.Response.Content.Encoding != "":
		return errors.New("response.content must have no encoding")
	}
	e.Template = cmp.Or(e.Template, u.Path)
	if method := e.Request.Method; method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || !validPath(e.Template) {
		return errors.New("request must have a method in capitals, and a path that begins with /")
	}
	return nil
}

func (r *Recording) operations() (all []Operation) {
	for _, e := range r.entries {
		op := Operation{Name: e.call(), Method: e.Request.Method, Path: e.Template, Do: r.answer}
		if !slices.ContainsFunc(all, func(other Operation) bool { return shape(other.Name) == shape(op.Name) }) {
			all = append(all, op)
		}
	}
	return all
}

func (e recorded) call() string { return e.Request.Method + " " + e.Template }

func (r *Recording) answer(req *http.Request, _ []byte) Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.next == len(r.entries) || r.entries[r.next].Request.Method != req.Method || !match(r.entries[r.next].Template, req) {
		r.mistake(req.Method + " " + req.URL.Path)
		return notRecorded()
	}
	response := r.entries[r.next].Response
	r.next++
	a := Answer{Status: response.Status, Header: make(http.Header), Body: []byte(response.Content.Text)}
	for _, h := range response.Headers {
		// The others are about the connection or the compression, which are not recorded.
		if name := http.CanonicalHeaderKey(h.Name); slices.Contains([]string{"Allow", "Content-Type", "Location", "Retry-After"}, name) {
			a.Header.Add(name, h.Value)
		}
	}
	return a
}

func notRecorded() Answer {
	return JSON(http.StatusNotImplemented, map[string]string{"message": "this is not the next request of the recording"})
}

func (r *Recording) mistake(asked string) {
	want := "no more"
	if r.next < len(r.entries) {
		want = fmt.Sprintf("%s (log.entries[%d])", r.entries[r.next].call(), r.next)
	}
	r.mistakes = append(r.mistakes, fmt.Errorf("otpsim: the recording has %s, and %s was asked for", want, asked))
}

// Err says which requests were not those of the recording, and what was never asked for.
func (r *Recording) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := errors.Join(r.mistakes...)
	if r.next < len(r.entries) {
		err = errors.Join(err, fmt.Errorf("otpsim: %s (log.entries[%d]) was never asked for", r.entries[r.next].call(), r.next))
	}
	return err
}
