package otptest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// step is what a vendor does with one request: what it says, and what it does to the connection.
type step struct {
	say    string
	then   func(net.Conn)
	early  bool        // it happens before the body is read
	proves otp.Outcome // the most that a client can know after it
	taken  bool        // the request was read to the last byte: a vendor may act upon it
}

func (s step) proving(o otp.Outcome) step {
	s.proves = o
	return s
}

func says(status int, body string, header ...string) step {
	return step{say: head(status, append([]string{length(body), "Connection: close"}, header...)...) + body}
}

func head(status int, lines ...string) string {
	lines = append([]string{fmt.Sprintf("HTTP/1.1 %d %s", status, http.StatusText(status))}, lines...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

func length(body string) string { return "Content-Length: " + strconv.Itoa(len(body)) }

// silence lasts until the client leaves or the server is closed.
func silence(c net.Conn) { _, _ = io.Copy(io.Discard, c) }

func reset(c net.Conn) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	_ = c.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
}

// again writes a text many times, or until the client has had enough. It allocates nothing.
func again(text string, times int, pause time.Duration) func(net.Conn) {
	chunk := []byte(text)
	return func(c net.Conn) {
		for err := error(nil); err == nil && times > 0; times-- {
			_, err = c.Write(chunk)
			time.Sleep(pause)
		}
	}
}

type server struct {
	*httptest.Server

	fault   *fault
	success Answer
	context context.Context // it ends with the server, and so does what is attached to it
	hangUp  context.CancelFunc
	running sync.WaitGroup

	mu       sync.Mutex
	first    bool // the next request comes before the fault, and its connection stays open
	followed bool // a redirect was followed
	met      []*step
}

func newServer(f *fault, success Answer) *server {
	s := &server{fault: f, success: success, first: f.second}
	s.context, s.hangUp = context.WithCancel(context.Background())
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

func (s *server) close() {
	s.hangUp()
	s.Close()
	s.running.Wait()
}

func (s *server) closing(c io.Closer) { context.AfterFunc(s.context, func() { _ = c.Close() }) }

const elsewhere = "/elsewhere"

// meet takes a request and returns the step that it meets; nil = it comes before the fault.
func (s *server) meet(path string) *step {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running.Add(1)
	s.followed = s.followed || path == elsewhere
	if s.first {
		s.first = false
		return nil
	}
	met := s.fault.steps[min(len(s.met), len(s.fault.steps)-1)]
	s.met = append(s.met, &met)
	return &met
}

// ServeHTTP answers a request by hand, on the connection that it takes over from net/http.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	met := s.meet(r.URL.Path)
	defer s.running.Done()
	if met == nil {
		w.WriteHeader(s.success.Status)
		_, _ = io.WriteString(w, s.success.Body)
		return
	}
	if !met.early {
		_, err := io.Copy(io.Discard, r.Body)
		if met.taken = err == nil; !met.taken {
			return
		}
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	s.closing(conn)
	if _, err = io.WriteString(conn, met.say); err == nil && met.then != nil {
		met.then(conn)
	}
}

// count counts the requests read, those that may have acted, and says the most that can be known.
func (s *server) count() (taken, acted int, known otp.Outcome) {
	known = otp.OutcomeNotSent
	for _, met := range s.met {
		if met.taken {
			taken++
		}
		if met.proves == otp.OutcomeNotSent {
			continue
		}
		if acted++; met.proves == otp.OutcomeUnknown || acted == 1 {
			known = met.proves
		}
	}
	return taken, acted, known
}
