package otpsim

import (
	"bytes"
	"net"
	"net/http"
)

// deliver sends an answer in the way the fault has it.
func (s *Simulator) deliver(w http.ResponseWriter, r *http.Request, fault Fault, answer Answer) {
	switch fault.kind {
	case cut, reset:
		cutOff(w, fault.kind == reset)
	case hang:
		select {
		case <-r.Context().Done():
		case <-s.closing.Done():
		}
		cutOff(w, false)
	case endless:
		s.pour(w, r, answer)
	case drip:
		s.drip(w, r, fault, answer)
	default:
		answer.write(w)
	}
}

// cutOff ends a request without an answer.
func cutOff(w http.ResponseWriter, hard bool) {
	if err := hangUp(w, hard); err != nil {
		http.Error(w, "this connection cannot be cut: "+err.Error(), http.StatusInternalServerError)
	}
}

// hangUp closes the connection, perhaps in the middle of an answer. hard makes it a RST.
func hangUp(w http.ResponseWriter, hard bool) error {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return err
	}
	if tcp, ok := conn.(*net.TCPConn); ok && hard {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
	return nil
}

// pour writes spaces until the client has had enough or the server closes.
func (s *Simulator) pour(w http.ResponseWriter, r *http.Request, answer Answer) {
	answer.writeHead(w, -1)
	spaces := bytes.Repeat([]byte(" "), 32<<10)
	for r.Context().Err() == nil && s.closing.Err() == nil {
		if _, err := w.Write(spaces); err != nil {
			break
		}
	}
	_ = hangUp(w, false) // to return would be a proper end of the body
}

// drip writes the body byte by byte.
func (s *Simulator) drip(w http.ResponseWriter, r *http.Request, fault Fault, answer Answer) {
	answer.writeHead(w, len(answer.Body))
	flusher := http.NewResponseController(w)
	for i := range answer.Body {
		_ = flusher.Flush() // the head too has to arrive before the first pause
		if !s.sleep(r, fault.every) {
			return // short of its Content-Length, so net/http closes the connection
		}
		if _, err := w.Write(answer.Body[i : i+1]); err != nil {
			return
		}
	}
}
