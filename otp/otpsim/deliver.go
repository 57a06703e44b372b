package otpsim

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"time"
)

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

// takeOver takes the connection away from net/http, or tells the client that it cannot.
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

// pour writes spaces until the client has had enough or the server closes.
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
