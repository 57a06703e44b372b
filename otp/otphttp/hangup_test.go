package otphttp_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// person is somebody with a real connection.
type person struct {
	client *http.Client
	url    string
}

func visitor(t *testing.T, base string) person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	transport := new(http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	p := person{&http.Client{Jar: jar, Transport: transport}, base + "/signin/"}
	_, body, err := p.do(t.Context(), "GET", "", nil)
	require.NoError(t, err)
	require.Contains(t, body, "number|")
	return p
}

func (p person) do(ctx context.Context, method, step string, form url.Values) (*http.Response, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.url+step, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, string(body), err
}

// numberOf is a number of its own for each of 1000 people.
func numberOf(i int) string {
	return "+1202555" + string([]byte{byte('0' + i/1000), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
}

// A browser that hangs up 50 ms after its request, 200 times: nothing is lost, and nothing sent
// twice.
func TestBrowsersThatHangUp(t *testing.T) {
	const people = 200
	for name, st := range map[string]otphttp.Store{"in cookies": nil, "in a store": new(store)} {
		t.Run(name, func(t *testing.T) {
			p, signedIn := slow{otptest.NewProvider(), 150 * time.Millisecond}, atomic.Int32{}
			cfg := config()
			cfg.PlainHTTP, cfg.Store = true, st
			cfg.OnVerified = func(_ http.ResponseWriter, r *http.Request, _ otp.Verification) {
				if r.Context().Err() == nil {
					signedIn.Add(1)
				}
			}
			server := httptest.NewServer(handlerOf(t, p, cfg))
			t.Cleanup(server.Close)
			var all sync.WaitGroup
			for i := range people {
				all.Go(func() {
					number, v := numberOf(i), visitor(t, server.URL)
					hurried, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
					defer cancel()
					_, _, err := v.do(hurried, "POST", "send", url.Values{"number": {number}})
					assert.ErrorIs(t, err, context.DeadlineExceeded)
					if i%2 == 0 { // at once, or later
						time.Sleep(300 * time.Millisecond)
					}
					_, body, err := v.do(t.Context(), "POST", "send", url.Values{"number": {number}})
					if assert.NoError(t, err) && assert.Contains(t, body, "code|") {
						code, _ := p.Code(number)
						_, _, err = v.do(t.Context(), "POST", "verify", url.Values{"code": {code}})
						assert.NoError(t, err)
					}
				})
			}
			all.Wait()
			assert.EqualValues(t, people, signedIn.Load())
			assert.Equal(t, people, sendsOf(p.Provider))
		})
	}
}

// A person who only loads the page again finds the code, too.
func TestAPageAfterHangingUp(t *testing.T) {
	p := slow{otptest.NewProvider(), 100 * time.Millisecond}
	cfg := config()
	cfg.PlainHTTP = true
	server := httptest.NewServer(handlerOf(t, p, cfg))
	t.Cleanup(server.Close)
	v := visitor(t, server.URL)
	hurried, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, _, err := v.do(hurried, "POST", "send", url.Values{"number": {somebody}})
	require.Error(t, err)
	assert.Eventually(t, func() bool {
		_, body, err := v.do(t.Context(), "GET", "", nil)
		return err == nil && strings.Contains(body, "code|")
	}, 5*time.Second, 20*time.Millisecond)
}

// The program is told to end while 50 sends are under way: all of them are answered.
func TestServeWaitsForSends(t *testing.T) {
	const people = 50
	p := slow{otptest.NewProvider(), 500 * time.Millisecond}
	cfg := config()
	cfg.PlainHTTP = true
	ctx, stop := context.WithCancel(t.Context())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- otphttp.Serve(ctx, listener, handlerOf(t, p, cfg)) }()
	var ready, all sync.WaitGroup
	for i := range people {
		v := visitor(t, "http://"+listener.Addr().String())
		ready.Add(1)
		all.Go(func() {
			r := url.Values{"number": {numberOf(i)}}
			v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			ready.Done()
			answer, _, err := v.do(t.Context(), "POST", "send", r)
			if assert.NoError(t, err) {
				assert.Equal(t, http.StatusSeeOther, answer.StatusCode)
			}
		})
	}
	ready.Wait()
	time.Sleep(200 * time.Millisecond)
	start := time.Now()
	stop()
	require.NoError(t, <-served)
	assert.Less(t, time.Since(start), 20*time.Second)
	all.Wait()
	assert.Equal(t, people, sendsOf(p.Provider))
}

// A browser hangs up, and then the program is told to end: the send is still finished.
func TestServeWaitsForWhoHungUp(t *testing.T) {
	p := slow{otptest.NewProvider(), 300 * time.Millisecond}
	cfg := config()
	cfg.PlainHTTP = true
	ctx, stop := context.WithCancel(t.Context())
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	served := make(chan error, 1)
	go func() { served <- otphttp.Serve(ctx, listener, handlerOf(t, p, cfg)) }()
	v := visitor(t, "http://"+listener.Addr().String())
	hurried, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err = v.do(hurried, "POST", "send", url.Values{"number": {somebody}})
	require.Error(t, err)
	stop()
	require.NoError(t, <-served)
	assert.Equal(t, 1, sendsOf(p.Provider))
}

func TestServeSaysWhyItCannot(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	require.Error(t, otphttp.Serve(t.Context(), listener, http.NotFoundHandler()))
}
