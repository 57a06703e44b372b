package otphttp_test

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// A stranger asks for somebody's number, and never gets, sees or burns the owner's code.
func TestStrangersDoNotGetAVerification(t *testing.T) {
	p := otptest.NewProvider()
	owner := open(t, handlerOf(t, guarded(t, p), config()))
	owner.send(somebody)
	code := codeOf(t, p, somebody)
	for i := range 50 {
		stranger := owner.beside()
		stranger.from = fmt.Sprintf("192.0.2.%d:1", 2+i)
		stranger.send(somebody)
		stranger.sees(429, "number|")
		stranger.verify(code)
		stranger.sees(400, "number|")
		stranger.cookie = stranger.cookie + strings.TrimPrefix(owner.cookie, owner.cookie[:26]) // the sealed half
		stranger.verify(code)
		stranger.sees(400, "number|")
		stranger.get()
		assert.NotContains(t, stranger.Body.String(), somebody[1:])
	}
	assert.Equal(t, 1, sendsOf(p))
	owner.verify(code)
	assert.Equal(t, somebody, owner.signedIn())
}

func TestCodesCannotBeGuessed(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, guarded(t, p), config()))
	b.send(somebody)
	code, judged := codeOf(t, p, somebody), 0
	for range 300 {
		if b.verify(mistyped(code)); b.Code == 400 {
			judged++
		}
	}
	assert.LessOrEqual(t, judged, 5)
	b.verify(code)
	b.sees(429, "Too many codes were tried. Ask for a new one.", "type:false")
	assert.Empty(t, b.signedIn())
}

func TestManyAtOnceSignInOnce(t *testing.T) {
	p := otptest.NewProvider()
	var signedIn atomic.Int32
	cfg := config()
	cfg.OnVerified = func(http.ResponseWriter, *http.Request, otp.Verification) { signedIn.Add(1) }
	b := open(t, handlerOf(t, guarded(t, p), cfg))
	b.send(somebody)
	code := codeOf(t, p, somebody)
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			other := *b
			other.verify(code)
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, signedIn.Load())
}

// A cookie from before the sign-in, or one that somebody made up, is no good.
func TestACookieServesOnce(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, guarded(t, p), config()))
	before := b.cookie
	b.send(somebody)
	waiting, code := b.cookie, codeOf(t, p, somebody)
	b.verify(code)
	assert.Equal(t, somebody, b.signedIn())
	b.get()
	assert.NotEqual(t, before[:26], b.cookie[:26], "a new session")
	b.cookie = waiting
	b.verify(code)
	b.sees(400, "This code was used before.")
	other := "A" + waiting[1:]
	if waiting == other {
		other = "B" + waiting[1:]
	}
	for _, made := range []string{"x", "fixed.fixed", strings.Repeat("A", 27), strings.Repeat("a", 26), other} {
		b.cookie = made
		b.get()
		assert.NotContains(t, b.Body.String(), somebody[1:], made)
	}
}

func TestTheCookie(t *testing.T) {
	for plain, name := range map[bool]string{false: cookie, true: "otp-signin"} {
		cfg := config()
		cfg.PlainHTTP = plain
		b := open(t, handlerOf(t, otptest.NewProvider(), cfg))
		c := b.Result().Cookies()[0]
		assert.Equal(t, name, c.Name)
		assert.Equal(t, !plain, c.Secure)
		assert.True(t, c.HttpOnly)
		assert.Equal(t, http.SameSiteLaxMode, c.SameSite)
		assert.Equal(t, "/", c.Path)
		assert.Empty(t, c.Domain)
	}
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	b.send(somebody)
	assert.NotContains(t, b.cookie, somebody[1:])
	assert.NotContains(t, b.cookie, codeOf(t, p, somebody))
}

func TestOtherSitesCannotAct(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		b.header = http.Header{header[0]: {header[1]}}
		for _, step := range []string{"send", "resend", "verify"} {
			b.post(step, "number", somebody, "code", "123456")
			b.sees(403, "another site")
		}
	}
	assert.Empty(t, p.Calls())
	b.header = http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"https://signin.example"}}
	b.send(somebody)
	b.sees(200, "code|")
}

func TestOtherHostsAreNotServed(t *testing.T) {
	cfg := config()
	cfg.Hosts = []string{"Signin.example", "::1"}
	b := open(t, handlerOf(t, otptest.NewProvider(), cfg))
	b.sees(200)
	for host, status := range map[string]int{
		"signin.example:8443": 200, "SIGNIN.EXAMPLE.": 200, "[::1]:80": 200,
		"evil.example": 421, "signin.example.evil.example": 421, "127.0.0.1": 421, "signin.example@evil.example": 421,
	} {
		b.header = http.Header{"Host": {host}}
		b.get()
		b.sees(status)
	}
}

func TestPathsAndMethods(t *testing.T) {
	b := open(t, handlerOf(t, otptest.NewProvider(), config()))
	for request, status := range map[string]int{
		"GET /signin/send": 405, "POST /signin/": 405, "GET /signin/nothing": 404, "DELETE /signin/verify": 405, "HEAD /signin/": 200, "GET /": 200,
	} {
		method, target, _ := strings.Cut(request, " ")
		b.do(method, target, "", "")
		b.sees(status)
		assert.Equal(t, "no-store", b.Header().Get("Cache-Control"))
		assert.Equal(t, "nosniff", b.Header().Get("X-Content-Type-Options"))
		assert.Contains(t, b.Header().Get("Content-Security-Policy"), "default-src 'none'")
		assert.Equal(t, status == 405, b.Header().Get("Allow") != "")
	}
}

func TestBodiesThatAreNone(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	const form, object = "application/x-www-form-urlencoded", "application/json"
	for _, test := range []struct {
		contentType, body string
		status            int
	}{
		{form, "number=" + strings.Repeat("9", 10<<20), 413},
		{object, `{"number":"` + strings.Repeat("9", 10<<20) + `"}`, 413},
		{form, "number=%zz", 400},
		{object, `{"number":12025550123}`, 400},
		{object, `{"number":"+12025550123"`, 400},
		{object, `[]`, 400},
		{object, `{"number":"+12025550123"} {}`, 400},
		{object, `{}` + strings.Repeat(" ", 10<<20), 413},
		{"text/plain", "number=" + somebody, 415},
		{"multipart/form-data; boundary=x", "--x--", 415},
		{"", "x", 415},
	} {
		for _, step := range []string{"send", "resend", "verify"} {
			b.do("POST", "/signin/"+step, test.contentType, test.body)
			assert.Equal(t, test.status, b.Code, test.contentType)
			assert.Less(t, b.Body.Len(), 1000)
		}
	}
	assert.Empty(t, p.Calls())
}

// seen remembers the caller's address as the guard would have it.
func seen(t *testing.T, cfg otphttp.Config, from string, header http.Header) (ip netip.Addr) {
	t.Helper()
	cfg.Caller = func(_ *http.Request, _ string, c *guard.Caller) {
		ip = c.IP
		assert.Equal(t, "signin", c.Purpose)
		assert.Len(t, c.Session, 26)
	}
	b := open(t, handlerOf(t, otptest.NewProvider(), cfg))
	b.from, b.header = from, header
	b.send(somebody)
	return ip
}

func TestForwardingHeadersOfStrangers(t *testing.T) {
	proxied := config()
	proxied.Proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, test := range []struct {
		cfg        otphttp.Config
		from, want string
		forwarded  []string
	}{
		{config(), "192.0.2.1:9", "192.0.2.1", []string{"198.51.100.7"}},
		{proxied, "192.0.2.1:9", "192.0.2.1", []string{"198.51.100.7"}},
		{proxied, "10.0.0.1:9", "198.51.100.7", []string{"198.51.100.7"}},
		{proxied, "[2001:db8::1]:9", "198.51.100.7", []string{"203.0.113.9, 198.51.100.7"}},
		{proxied, "10.0.0.1:9", "198.51.100.7", []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}},
		{proxied, "10.0.0.1:9", "198.51.100.7", []string{"10.9.9.9, 198.51.100.7", "10.0.0.2"}},
		{proxied, "10.0.0.1:9", "10.0.0.1", []string{"evil"}},
		{proxied, "10.0.0.1:9", "10.0.0.1", nil},
		{proxied, "[::ffff:10.0.0.1]:9", "198.51.100.7", []string{"::ffff:198.51.100.7"}},
		{config(), "@", "invalid IP", nil},
	} {
		header := http.Header{"X-Forwarded-For": test.forwarded, "X-Real-Ip": {"203.0.113.1"}, "Forwarded": {"for=203.0.113.1"}}
		assert.Equal(t, test.want, seen(t, test.cfg, test.from, header).String(), test)
	}
}

// slow is a vendor that takes a while.
type slow struct {
	*otptest.Provider
	takes time.Duration
}

func (s slow) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	select {
	case <-time.After(s.takes):
		return s.Provider.Send(ctx, req)
	case <-ctx.Done():
		return otp.Verification{}, &otp.Error{Op: "send", Kind: otp.ErrUnavailable, Err: ctx.Err()}
	}
}

// The number of somebody who has signed in before is answered like any other, and as fast.
func TestKnownAndUnknownNumbersAreAlike(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := slow{otptest.NewProvider(), 200 * time.Millisecond}
		known := open(t, handlerOf(t, guarded(t, p), config()))
		known.send(somebody)
		known.verify(codeOf(t, p.Provider, somebody))
		require.Equal(t, somebody, known.signedIn())
		time.Sleep(time.Hour)
		answers := map[string]string{}
		for _, number := range []string{somebody, another} {
			b, start := known.beside(), time.Now()
			b.send(number)
			took := time.Since(start)
			b.verify("1")
			answers[number] = fmt.Sprint(took, b.Code, strings.ReplaceAll(b.Body.String(), number[1:], "NUMBER"), len(b.cookie))
		}
		assert.Equal(t, answers[somebody], answers[another])
	})
}

// What the program itself adds is the same for both, on a real clock.
func BenchmarkSend(b *testing.B) {
	for name, signedIn := range map[string]bool{"known": true, "unknown": false} {
		b.Run(name, func(b *testing.B) {
			p := otptest.NewProvider()
			h := handlerOf(b, p, config())
			if signedIn {
				first := open(b, h)
				first.send(somebody)
				first.verify(codeOf(b, p, somebody))
			}
			for b.Loop() {
				open(b, h).send(somebody)
			}
		})
	}
}

// pipes is a listener of connections that have no network, so that time can be made up.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	if c, ok := <-p; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}
func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

func TestASlowBodyIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, listener := otptest.NewProvider(), make(pipes)
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan error)
		go func() { served <- otphttp.Serve(ctx, listener, handlerOf(t, p, config())) }()
		client, server := net.Pipe()
		listener <- server
		start := time.Now()
		go func() {
			_, _ = io.WriteString(client, "POST /signin/send HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99\r\n\r\n")
			for {
				if _, err := io.WriteString(client, "n"); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		answer, err := http.ReadResponse(bufio.NewReader(client), nil)
		require.NoError(t, err)
		assert.Equal(t, 400, answer.StatusCode)
		assert.Equal(t, 10*time.Second, time.Since(start))
		_ = client.Close()
		time.Sleep(time.Second) // the writer sees it
		stop()
		require.NoError(t, <-served)
		assert.Empty(t, p.Calls())
	})
}

// A cookie that was changed in any place, or made up, opens nothing.
func FuzzCookie(f *testing.F) {
	cfg := config()
	cfg.Keys = [][]byte{[]byte(rand.Text() + rand.Text())} // each process of a fuzzer has its own
	h := handlerOf(f, otptest.NewProvider(), cfg)
	b := open(f, h)
	b.send(somebody)
	h = handlerOf(f, otptest.NewProvider(), cfg) // which remembers no session
	sealed, _, _ := strings.Cut(b.cookie[27:], ".")
	f.Add(uint16(0), byte('A'), "")
	f.Add(uint16(40), byte('='), ".")
	f.Add(uint16(70), byte('\n'), strings.Repeat("A", 26)+".x.99999999999999999999.y")
	f.Fuzz(func(t *testing.T, at uint16, with byte, value string) {
		changed := []byte(b.cookie)
		place := 27 + int(at)%len(sealed)
		if changed[place] == with || with == '"' || with == ';' {
			return
		}
		changed[place] = with
		for _, made := range []string{value, string(changed)} {
			other := &browser{t: t, handler: h, header: http.Header{}, cookie: made}
			other.get()
			other.sees(200, "number|")
		}
	})
}
