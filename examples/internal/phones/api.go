package phones

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	maxAPIBody = 16 << 10 // bytes
	bodyWithin = 10 * time.Second

	defaultListed = 200 // messages

	defaultWait = 30 * time.Second
	maxWait     = 5 * time.Minute
)

// routes are the calls of the JSON API.
func (p *Phones) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/messages", p.getMessages)
	mux.HandleFunc("GET /api/codes/next", p.getNextCode)
	mux.HandleFunc("GET /api/traffic", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"exchanges": p.board.exchanges()})
	})
	mux.HandleFunc("GET /api/faults", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"faults": p.pendingFaults()})
	})
	mux.HandleFunc("GET /api/config", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]any{"vendors": p.configs(baseOf(r)), "sample_number": sampleNumber})
	})
	mux.HandleFunc("GET /api/events", p.stream)
	mux.HandleFunc("POST /api/faults", p.postFault)
	mux.HandleFunc("POST /api/clock", p.postClock)
	mux.HandleFunc("POST /api/reset", p.postReset)
	mux.HandleFunc("GET /api/health", func(w http.ResponseWriter, _ *http.Request) { answer(w, struct{}{}) })
	return jsonErrors(mux)
}

// serveAPI lets in what is not foreign, and writes only as JSON: a form of another page cannot be that.
func (p *Phones) serveAPI(w http.ResponseWriter, r *http.Request) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := err == nil && mediaType == "application/json"
	switch reads := r.Method == http.MethodGet || r.Method == http.MethodHead; {
	case p.guard.foreign(r):
		refuse(w, http.StatusForbidden, "the API does not answer pages of another origin")
	case !reads && !isJSON:
		refuse(w, http.StatusUnsupportedMediaType, "the body must be JSON, with the header Content-Type: application/json")
	default:
		r.Body = http.MaxBytesReader(w, r.Body, maxAPIBody)
		if !reads { // a body that never ends must not keep its connection
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyWithin))
		}
		p.api.ServeHTTP(w, r)
	}
}

func (p *Phones) getMessages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, err := number(query, "limit", defaultListed)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	list, total, event := p.board.list(filter{to: recipient(query.Get("to")), find: strings.TrimSpace(query.Get("find")), limit: limit})
	answer(w, struct {
		Messages []Message `json:"messages"`
		tally
		LastEvent string    `json:"last_event"` // follow from here with /api/events?after=…
		Now       time.Time `json:"now"`
	}{list, total, event, p.clock.Now()})
}

// getNextCode waits for a code. With after it is the first one after that message; without, the newest that there is, or
// else the first to come.
func (p *Phones) getNextCode(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	to := recipient(query.Get("to"))
	after, err := number(query, "after", 0)
	wait, err2 := duration(query, "timeout", defaultWait)
	if to == "" {
		err = errors.New("to: the number is missing")
	}
	if err = errors.Join(err, err2); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	defer context.AfterFunc(p.closing, cancel)()
	m, ok := p.board.lastCode(to)
	if query.Has("after") || !ok {
		m, ok = p.awaitCode(ctx, to, after)
	}
	if !ok {
		refuse(w, http.StatusNotFound, fmt.Sprintf("no code came for this number within %v", wait))
		return
	}
	answer(w, m)
}

func (p *Phones) awaitCode(ctx context.Context, to string, after int) (Message, bool) {
	for {
		m, ok, more := p.board.nextCode(to, after)
		if ok {
			return m, true
		}
		select {
		case <-more:
		case <-ctx.Done():
			return Message{}, false
		}
	}
}

func (p *Phones) postFault(w http.ResponseWriter, r *http.Request) {
	var req FaultRequest
	err := read(r, &req)
	if err == nil {
		err = p.setFault(req)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, map[string]any{"faults": p.pendingFaults()})
}

// postClock moves the clock of all simulators, so that codes expire without waiting.
func (p *Phones) postClock(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Advance string `json:"advance"` // "5m"
	}
	err := read(r, &req)
	d, err2 := time.ParseDuration(req.Advance)
	if err == nil && (err2 != nil || d < 0) {
		err = errors.New("advance: must be a duration that is not negative, such as 5m")
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	p.clock.Advance(d)
	p.board.moved()
	answer(w, map[string]any{"now": p.clock.Now()})
}

func (p *Phones) postReset(w http.ResponseWriter, r *http.Request) {
	if err := read(r, &struct{}{}); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := p.Reset(); err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	answer(w, struct{}{})
}

// read reads a body that holds one JSON object, and no member that is not known.
func read(r *http.Request, into any) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return errors.New("the body cannot be read, or is too long")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("the body must be one JSON object: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("the body must be one JSON object, and nothing after it")
	}
	return nil
}

// jsonErrors answers in JSON what no pattern of mux takes: 404 for an unknown path, 405 for another method.
func jsonErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		head := headOnly{ResponseWriter: w}
		handler.ServeHTTP(&head, r)
		refuse(w, head.status, http.StatusText(head.status))
	})
}

// headOnly keeps the headers and the status of an answer.
type headOnly struct {
	http.ResponseWriter
	status int
}

func (h *headOnly) WriteHeader(status int)         { h.status = status }
func (h *headOnly) Write(body []byte) (int, error) { return len(body), nil }

func answer(w http.ResponseWriter, value any) { write(w, http.StatusOK, value) }

func refuse(w http.ResponseWriter, status int, message string) {
	write(w, status, map[string]string{"error": message})
}

func write(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil { // none of our types can fail
		status, body = http.StatusInternalServerError, []byte(`{"error":"this cannot be written as JSON"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that left needs no answer
}

// recipient reads a number from a query, where a + that was not escaped means a space. It may also be an e-mail address.
func recipient(text string) string {
	text = strings.TrimSpace(text)
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return "+" + text
	}
	return text
}

// number reads a whole number that is not negative.
func number(query url.Values, name string, fallback int) (int, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s: must be a whole number, 0 or more", name)
	}
	return n, nil
}

// duration reads a time to wait.
func duration(query url.Values, name string, fallback time.Duration) (time.Duration, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	d, err := time.ParseDuration(query.Get(name))
	if err != nil || d <= 0 || d > maxWait {
		return 0, fmt.Errorf("%s: must be a duration up to %v, such as 30s", name, maxWait)
	}
	return d, nil
}

// baseOf is the address by which the client reached this server. The host was checked before.
func baseOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
