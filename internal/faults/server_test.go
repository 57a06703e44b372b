package faults_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// server is a vendor on loopback. It speaks HTTP by hand, so that it can do everything wrong, and counts the requests
// that it has read to the last byte: those that a vendor may act upon.
type server struct {
	call      call
	elsewhere string // the URL that its redirects lead to
	script    func(n int) step

	connections, taken atomic.Int32

	listener net.Listener
	closing  chan struct{}
	mu       sync.Mutex // guards open, and keeps running from growing while close waits for it
	open     map[net.Conn]struct{}
	running  sync.WaitGroup
}

// step is what the vendor does on one connection. When it returns, the connection is closed.
type step func(*connection)

// connection is one connection of a client's.
type connection struct {
	net.Conn // the socket, or TLS on it
	socket   *net.TCPConn
	reader   *bufio.Reader
	server   *server
	asked    bool // a first byte of a request has come
}

// serve starts a vendor whose nth connection meets the nth step, and every later one the last.
func serve(t *testing.T, c call, steps ...step) *server {
	t.Helper()
	s, err := start(c, func(n int) step { return steps[min(n, len(steps)-1)] })
	require.NoError(t, err)
	t.Cleanup(s.close)
	return s
}

func start(c call, script func(n int) step) (*server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		call: c, script: script, listener: listener, closing: make(chan struct{}), open: map[net.Conn]struct{}{},
	}
	s.running.Add(1)
	go s.accept()
	return s, nil
}

func (s *server) accept() {
	defer s.running.Done()
	for n := 0; ; n++ {
		socket, err := s.listener.Accept()
		if err != nil || !s.enter(socket) {
			return
		}
		s.connections.Add(1)
		go s.meet(socket, s.script(n))
	}
}

func (s *server) enter(socket net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closing:
		_ = socket.Close()
		return false
	default:
		s.open[socket] = struct{}{}
		s.running.Add(1)
		return true
	}
}

func (s *server) meet(socket net.Conn, do step) {
	defer s.running.Done()
	c := &connection{Conn: socket, socket: socket.(*net.TCPConn), reader: bufio.NewReader(socket), server: s}
	do(c)
	_ = c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, socket)
}

// close ends every connection and waits until nothing of the server runs any more.
func (s *server) close() {
	s.mu.Lock()
	select {
	case <-s.closing:
	default:
		close(s.closing)
		_ = s.listener.Close()
		for socket := range s.open {
			_ = socket.Close()
		}
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *server) address() string { return s.listener.Addr().String() }

// secure puts TLS on the connection. The handshake happens with the first byte that is read.
func (c *connection) secure(config *tls.Config) {
	c.Conn = tls.Server(c.Conn, config)
	c.reader = bufio.NewReader(c.Conn)
}

// take reads one request to its last byte and counts it.
func (c *connection) take() bool {
	req, ok := c.takeHeader()
	if !ok {
		return false
	}
	if read, err := io.Copy(io.Discard, req.Body); err != nil || read != req.ContentLength {
		return false
	}
	c.server.taken.Add(1)
	return true
}

func (c *connection) takeHeader() (*http.Request, bool) {
	if _, err := c.reader.Peek(1); err != nil {
		return nil, false
	}
	c.asked = true
	req, err := http.ReadRequest(c.reader)
	return req, err == nil
}

// write sends text as it is. A client that has left is nobody to tell.
func (c *connection) write(text string) bool {
	_, err := io.WriteString(c, text)
	return err == nil
}

// reply answers once and closes.
func (c *connection) reply(status int, body string, header ...string) {
	c.write(head(status, append(header, "Connection: close", "Content-Length: "+strconv.Itoa(len(body)))...) + body)
}

// replyAndStay answers and leaves the connection open for the next request.
func (c *connection) replyAndStay(a answer) bool {
	return c.write(head(a.status, "Content-Length: "+strconv.Itoa(len(a.body))) + a.body)
}

// head is an HTTP header up to the empty line that ends it.
func head(status int, lines ...string) string {
	return "HTTP/1.1 " + strconv.Itoa(status) + " " + http.StatusText(status) + "\r\n" +
		strings.Join(append(lines, ""), "\r\n") + "\r\n"
}

// reset ends the connection with an RST instead of a FIN.
func (c *connection) reset() {
	_ = c.socket.SetLinger(0)
	_ = c.socket.Close()
}

// silence keeps the connection open and says nothing until the client leaves or the server is closed.
func (c *connection) silence() { _, _ = io.Copy(io.Discard, c.socket) }

// secrets are all canaries in one text.
func (s *server) secrets() string { return strings.Join(s.call.secrets, " ") }
