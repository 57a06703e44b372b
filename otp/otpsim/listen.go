package otpsim

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Start listens on a free port of loopback and sets URL. It panics without one, and if called
// twice.
func (s *Server) Start() {
	if s.URL != "" {
		panic("otpsim: Start was called before")
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		listener, err = new(net.ListenConfig).Listen(context.Background(), "tcp6", "[::1]:0")
	}
	if err != nil {
		panic("otpsim: cannot listen on the loopback interface: " + err.Error())
	}
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: requestWithin,
		IdleTimeout:       time.Minute,
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
	s.URL = "http://" + listener.Addr().String()
}

// Close ends the port, the connections, and all requests; later ones get a 503. Twice is fine.
func (s *Server) Close() {
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

// enter counts a request in, unless closed. The lock stops Add from racing with Wait.
func (s *Server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.inflight.Add(1)
	return true
}

// interruptible makes Close end reads from and writes to a client that stopped halfway, also where
// a handler is mounted elsewhere. After the returned function w is not touched any more.
func (s *Server) interruptible(w http.ResponseWriter) (stop func()) {
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
