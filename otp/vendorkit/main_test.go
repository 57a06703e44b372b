package vendorkit_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const (
	canary = "canary-key-4711"
	number = "+905321234567"
)

// server is a vendor on loopback that counts the requests it has read to their end, and the
// connections.
type server struct {
	*httptest.Server
	taken, opened atomic.Int32
}

func serve(t *testing.T, handler func(http.ResponseWriter, *http.Request)) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s.counting(handler))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *server) counting(handler func(http.ResponseWriter, *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := make([]byte, r.ContentLength)
		if r.ContentLength > 0 {
			if _, err := r.Body.Read(body); err != nil && err.Error() != "EOF" {
				return
			}
		}
		s.taken.Add(1)
		handler(w, r)
	})
}

// answers gives the nth request the nth status, and every further one the last.
func answers(statuses ...int) func(http.ResponseWriter, *http.Request) {
	var n atomic.Int32
	return func(w http.ResponseWriter, _ *http.Request) {
		i := int(n.Add(1)) - 1
		w.WriteHeader(statuses[min(i, len(statuses)-1)])
		_, _ = w.Write([]byte(`{"ok":true}`))
	}
}

// cut closes the connection without an answer; hard resets it.
func cut(hard bool) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		if tcp, ok := conn.(*net.TCPConn); ok && hard {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
}

// counter is a limiter that lets everything pass and counts the attempts.
type counter struct{ n atomic.Int32 }

func (c *counter) Wait(context.Context) error {
	c.n.Add(1)
	return nil
}

func newClient(t *testing.T, baseURL string, opts ...otp.Option) *vendorkit.Client {
	t.Helper()
	c, err := vendorkit.New(vendorkit.Config{
		Vendor: "vendor", BaseURL: baseURL,
		Credentials: []vendorkit.Credential{{Field: "api_key", Header: "X-Key", Value: canary}},
	}, opts...)
	require.NoError(t, err)
	return c
}

// call is a send that succeeds with 202 and an object.
func call(class vendorkit.Class) vendorkit.Call {
	return vendorkit.Call{
		Op: "send", Class: class, Method: http.MethodPost, Path: "/send", Body: map[string]string{"to": number},
		Number: number,
		Success: func(a vendorkit.Answer) bool {
			answer, err := a.Object()
			return a.Status == http.StatusAccepted && err == nil && answer.Get("ok") != nil
		},
		Failure: func(vendorkit.Answer) vendorkit.Failure { return vendorkit.Failure{} },
	}
}

func requireFailure(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.NotContains(t, err.Error(), canary)
	require.NotContains(t, err.Error(), number[1:])
	return failure
}
