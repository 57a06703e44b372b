package otpsim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// Answer is what a simulator says to a request.
type Answer struct {
	Status  int         // 200 to 999; any other number is sent as 500
	Header  http.Header // more headers than Content-Type and Content-Length; may be nil
	Body    []byte      // its Content-Type follows from what it looks like, unless Header has one
	Refused bool        // the vendor says no although Status is a 2xx, as some vendors do
}

// JSON is an answer with v as its body, byte for byte as vendors write it: <, > and & stay as they
// are, and no line feed follows. A v that cannot be JSON gives a 500.
func JSON(status int, v any) Answer {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return Answer{Status: http.StatusInternalServerError, Body: []byte(err.Error())}
	}
	return Answer{Status: status, Body: bytes.TrimSuffix(buf.Bytes(), []byte("\n"))}
}

func (a Answer) accepted() bool { return a.Status/100 == 2 && !a.Refused }

// with adds a header, or replaces one. It leaves a's own map alone: answers and faults share maps.
func (a Answer) with(name, value string) Answer {
	a.Header = mergeHeaders(a.Header, http.Header{name: {value}})
	return a
}

// withType makes the Content-Type explicit, for a body that is about to become unreadable.
func (a Answer) withType() Answer {
	if a.Header.Get("Content-Type") != "" || len(a.Body) == 0 {
		return a
	}
	return a.with("Content-Type", contentType(a.Body))
}

// writeHead sends status and headers for a body of the given length; -1 = not known.
func (a Answer) writeHead(w http.ResponseWriter, length int) {
	h := w.Header()
	for name, values := range a.withType().Header {
		h[name] = values
	}
	if length >= 0 && a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		h.Set("Content-Length", strconv.Itoa(length))
	}
	w.WriteHeader(a.status())
}

func (a Answer) write(w http.ResponseWriter) {
	a.writeHead(w, len(a.Body))
	_, _ = w.Write(a.Body) // a client that left needs no answer
}

// status is Status, or 500 for a number that net/http would panic on.
func (a Answer) status() int {
	if a.Status < 200 || a.Status > 999 {
		return http.StatusInternalServerError
	}
	return a.Status
}

func contentType(body []byte) string {
	switch {
	case json.Valid(body), strings.HasPrefix(string(body), "{"): // a truncated object still claims to be JSON
		return "application/json"
	case strings.HasPrefix(string(body), "<"):
		return "text/html; charset=utf-8"
	default:
		return "text/plain; charset=utf-8"
	}
}

func mergeHeaders(base, over http.Header) http.Header {
	merged := make(http.Header, len(base)+len(over))
	for _, h := range []http.Header{base, over} {
		for name, values := range h {
			merged[name] = values
		}
	}
	return merged
}
