package otpsim

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Listen starts to serve on a free port of the loopback interface and returns the base URL, without a
// slash at its end. Call it once.
func (s *Simulator) Listen() (url string, err error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		if listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp6", "[::1]:0"); err != nil {
			return "", err
		}
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // a simulator prints nothing
	}
	served := make(chan struct{})
	s.mu.Lock()
	s.server, s.served = server, served
	s.mu.Unlock()
	go func() {
		defer close(served)
		_ = server.Serve(listener) // always http.ErrServerClosed
	}()
	return "http://" + listener.Addr().String(), nil
}

// Close ends everything: the port, the connections, and the requests that hang or wait. When it returns no
// request is being served. Requests that still come, through a handler mounted elsewhere, are answered 503.
// Closing twice is fine.
func (s *Simulator) Close() {
	s.mu.Lock()
	s.closed = true
	server, served := s.server, s.served
	s.mu.Unlock()
	s.release()
	if server != nil {
		_ = server.Close() // what it can report, a listener that failed to close, nobody can act on
		<-served
	}
	s.inflight.Wait()
}

// enter counts a request in, unless the simulator is closed. The lock keeps Add from racing with Wait.
func (s *Simulator) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.inflight.Add(1)
	return true
}

// interruptible makes Close end reads from and writes to a client that stopped halfway. On the simulator's
// own port closing the connections does that; a handler mounted elsewhere has no say over them.
// The returned function ends the watch; after it w is not touched any more.
func (s *Simulator) interruptible(w http.ResponseWriter) (stop func()) {
	control, done := http.NewResponseController(w), make(chan struct{})
	unused := context.AfterFunc(s.closing, func() {
		defer close(done)
		past := time.Unix(1, 0)
		_ = control.SetReadDeadline(past)
		_ = control.SetWriteDeadline(past)
	})
	return func() {
		if !unused() {
			<-done
		}
	}
}
