package phones

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"
)

//go:embed page openapi.json
var files embed.FS

type methods map[string]http.HandlerFunc

// routes are the paths of the page and of the JSON API. openapi.json describes the latter.
func (p *Phones) routes() map[string]methods {
	return map[string]methods{
		"/":                 {"GET": file("page/index.html")},
		"/app.js":           {"GET": file("page/app.js")},
		"/style.css":        {"GET": file("page/style.css")},
		"/api/messages":     {"GET": p.getMessages},
		"/api/codes/next":   {"GET": p.getNextCode},
		"/api/traffic":      {"GET": p.getTraffic},
		"/api/events":       {"GET": p.getEvents},
		"/api/faults":       {"GET": p.getFaults, "POST": p.postFault},
		"/api/quirks":       {"GET": p.getQuirks, "POST": p.postQuirks},
		"/api/limits":       {"POST": p.postLimit},
		"/api/receipts":     {"POST": p.postReceipts},
		"/api/clock":        {"GET": p.getClock, "POST": p.postClock},
		"/api/reset":        {"POST": p.postReset},
		"/api/config":       {"GET": p.getConfig},
		"/api/health":       {"GET": getHealth},
		"/api/openapi.json": {"GET": file("openapi.json")},
	}
}

// serveOwn answers what is no vendor's. It writes for JSON alone, which no form can send.
func (p *Phones) serveOwn(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	calls := p.own[r.URL.Path]
	serve := calls[method]
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := err == nil && mediaType == "application/json"
	switch isAPI := strings.HasPrefix(r.URL.Path, "/api/"); {
	case isAPI && p.guard.foreign(r):
		refuse(w, http.StatusForbidden, "the API does not answer pages of another origin")
	case calls == nil:
		refuse(w, http.StatusNotFound, "no such path; GET /api/openapi.json describes those of the API")
	case serve == nil:
		w.Header().Set("Allow", strings.Replace(strings.Join(slices.Sorted(maps.Keys(calls)), ", "), "GET", "GET, HEAD", 1))
		refuse(w, http.StatusMethodNotAllowed, "this path does not answer "+r.Method)
	case method != http.MethodGet && !isJSON:
		refuse(w, http.StatusUnsupportedMediaType, "the body must be JSON, with the header Content-Type: application/json")
	default:
		r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
		serve(w, r)
	}
}

func getHealth(w http.ResponseWriter, _ *http.Request) { answer(w, map[string]string{"status": "ok"}) }

// getConfig writes the address by which the client reached this server. The host was checked
// before.
func (p *Phones) getConfig(w http.ResponseWriter, r *http.Request) {
	base := "http://" + r.Host
	if r.TLS != nil {
		base = "https://" + r.Host
	}
	answer(w, map[string]any{"vendors": p.configs(base), "sample_number": sampleNumber})
}

// read reads a body of one JSON object without unknown members, and refuses any other.
func read(w http.ResponseWriter, r *http.Request, into any) (ok bool) {
	body, err := io.ReadAll(r.Body)
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	switch isObject := bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")); {
	case err != nil:
		err = errors.New("the body cannot be read, or is too long")
	case !isObject:
		err = errors.New("the body must be one JSON object")
	default:
		if err = decoder.Decode(into); err != nil {
			err = inJSON(err)
		} else if _, end := decoder.Token(); end != io.EOF {
			err = errors.New("the body must be one JSON object, and nothing after it")
		}
	}
	return passes(w, err)
}

// inJSON says the field and the rule of an error of encoding/json.
func inJSON(err error) error {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		kind := map[reflect.Kind]string{
			reflect.Bool: "true or false", reflect.Int: "a whole number", reflect.Map: "an object", reflect.Slice: "a list",
		}[wrong.Type.Kind()]
		return fmt.Errorf("%s: must be %s, not %s", wrong.Field, cmp.Or(kind, "a string"), wrong.Value)
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return fmt.Errorf("%s: there is no such field", strings.Trim(name, `"`))
	}
	return fmt.Errorf("the body must be one JSON object: %w", err)
}

// passes refuses a request because of an error, which says the field and the rule.
func passes(w http.ResponseWriter, err error) (ok bool) {
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
	}
	return err == nil
}

func answer(w http.ResponseWriter, value any) { write(w, http.StatusOK, value) }

func refuse(w http.ResponseWriter, status int, message string) {
	write(w, status, map[string]string{"error": message})
}

func write(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil { // none of our types can fail
		status, body = http.StatusInternalServerError, []byte(`{"error":"this cannot be written as JSON"}`)
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeWithin))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that left needs no answer
}

func file(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, name) }
}
