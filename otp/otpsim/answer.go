package otpsim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer is what a simulator says to a request.
type Answer struct {
	Status  int         // 200 to 999; any other number is sent as 500
	Header  http.Header // more headers than Content-Type and Content-Length; may be nil
	Body    []byte      // its Content-Type follows from what it looks like, unless Header has one
	Refused bool        // the vendor says no although Status is a 2xx, as some vendors do
}

// JSON is an answer with v as its body, byte for byte as vendors write it: <, > and & as they are.
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

// delivery is the end of a request: the answer has to get to the client, or not.
type delivery struct {
	s      *Server
	w      http.ResponseWriter
	r      *http.Request
	answer Answer
}

func (d delivery) cut(hard bool) {
	conn, err := d.takeOver()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && hard {
		_ = tcp.SetLinger(0) // makes it a RST
	}
	_ = conn.Close()
}

func (d delivery) takeOver() (net.Conn, error) {
	conn, _, err := http.NewResponseController(d.w).Hijack()
	if err != nil {
		http.Error(d.w, "this connection cannot be taken over: "+err.Error(), http.StatusInternalServerError)
	}
	return conn, err
}

func (d delivery) hang() {
	select {
	case <-d.r.Context().Done():
	case <-d.s.closing.Done():
	}
	d.cut(false)
}

func (d delivery) pour() {
	d.answer.writeHead(d.w, -1)
	spaces := bytes.Repeat([]byte(" "), 32<<10)
	for d.r.Context().Err() == nil && d.s.closing.Err() == nil {
		if _, err := d.w.Write(spaces); err != nil {
			break
		}
	}
	if conn, _, err := http.NewResponseController(d.w).Hijack(); err == nil {
		_ = conn.Close() // to return would be a proper end of the body
	}
}

func (d delivery) drip(every time.Duration) {
	d.answer.writeHead(d.w, len(d.answer.Body))
	flusher := http.NewResponseController(d.w)
	for i := range d.answer.Body {
		_ = flusher.Flush() // the head too has to arrive before the first pause
		if !d.s.sleep(d.r, every) {
			return // short of its Content-Length, so net/http closes the connection
		}
		if _, err := d.w.Write(d.answer.Body[i : i+1]); err != nil {
			return
		}
	}
}

// overrun writes the body twice, in one go with the head, which has the length of one.
func (d delivery) overrun() {
	conn, err := d.takeOver()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	status, a := d.answer.status(), d.answer.withType()
	var raw bytes.Buffer
	fmt.Fprintf(&raw, "HTTP/1.1 %d %s\r\nContent-Length: %d\r\n", status, http.StatusText(status), len(a.Body))
	_ = a.Header.Write(&raw) // a Buffer takes everything
	raw.WriteString("\r\n")
	raw.Write(a.Body)
	raw.Write(a.Body)
	_ = conn.SetWriteDeadline(time.Now().Add(requestWithin))
	_, _ = conn.Write(raw.Bytes()) // a client that left needs no answer
}
