package otptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
)

// place is where a provider looks for the server: the base URL, and the transport that goes there;
// nil = the provider's own. A place that needs more than plain HTTP starts the server itself.
type place func(s *server) (baseURL string, through http.RoundTripper)

func overTLS(host string, trusted bool) place {
	return func(s *server) (string, http.RoundTripper) {
		s.StartTLS()
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if trusted {
			config.RootCAs = x509.NewCertPool()
			config.RootCAs.AddCert(s.Certificate())
		}
		through := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
		return strings.ReplaceAll(s.URL, "127.0.0.1", host), through
	}
}

func withoutTLS(s *server) (string, http.RoundTripper) {
	s.Start()
	return strings.Replace(s.URL, "http:", "https:", 1), nil
}

func hangingUp(s *server) (string, http.RoundTripper) {
	s.Config.ConnState = func(c net.Conn, _ http.ConnState) { _ = c.Close() }
	return withoutTLS(s)
}

func deaf(s *server) (string, http.RoundTripper) {
	listener := httptest.NewUnstartedServer(nil).Listener
	s.closing(listener)
	return "https://" + listener.Addr().String(), nil
}

func behind(scheme string, proxy place) place {
	return func(s *server) (string, http.RoundTripper) {
		at, _ := proxy(s)
		proxyURL := &url.URL{Scheme: scheme, Host: at[strings.LastIndex(at, "/")+1:]}
		return "https://vendor.invalid", &http.Transport{Proxy: http.ProxyURL(proxyURL)}
	}
}

func nowhere(*server) (string, http.RoundTripper) { return "http://127.0.0.1:1", nil }

// nowhereByOtherWays has a foreign RoundTripper in between: nobody knows what it has done.
func nowhereByOtherWays(*server) (string, http.RoundTripper) {
	return "http://127.0.0.1:1", struct{ http.RoundTripper }{new(http.Transport)}
}

func unknownHost(*server) (string, http.RoundTripper) {
	dial := func(context.Context, string, string) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
	}
	return "https://vendor.invalid", &http.Transport{DialContext: dial}
}

// overHTTP2 reads requests to their last byte and resets them with REFUSED_STREAM, after which
// net/http sends them again by itself. A client that does not ask for HTTP/2 gets HTTP/1.1.
func overHTTP2(s *server) (string, http.RoundTripper) {
	s.TLS = &tls.Config{NextProtos: []string{"h2", "http/1.1"}, MinVersion: tls.VersionTLS12}
	s.Config.TLSNextProto = map[string]func(*http.Server, *tls.Conn, http.Handler){
		"h2": func(_ *http.Server, c *tls.Conn, _ http.Handler) { s.refuseStreams(c) },
	}
	return overTLS("127.0.0.1", true)(s)
}

// refuseStreams speaks the few parts of HTTP/2 that it takes to be asked something.
func (s *server) refuseStreams(c *tls.Conn) {
	const (
		preface, frameHeader                 = 24, 9
		frameData, frameReset, frameSettings = 0, 3, 4
		flagEnd, flagAcknowledged            = 1, 1
		refusedStream                        = 7
	)
	_, err := io.CopyN(io.Discard, c, preface)
	_, _ = c.Write([]byte{0, 0, 0, frameSettings, 0, 0, 0, 0, 0})
	for err == nil {
		var frame [frameHeader]byte
		if _, err = io.ReadFull(c, frame[:]); err != nil {
			return
		}
		_, err = io.CopyN(io.Discard, c, int64(frame[0])<<16|int64(frame[1])<<8|int64(frame[2]))
		switch kind, flags := frame[3], frame[4]; {
		case kind == frameData && flags&flagEnd != 0:
			s.meet("").taken = true
			s.running.Done()
			_, _ = c.Write(append(append([]byte{0, 0, 4, frameReset, 0}, frame[5:]...), 0, 0, 0, refusedStream))
		case kind == frameSettings && flags&flagAcknowledged == 0:
			_, _ = c.Write([]byte{0, 0, 0, frameSettings, flagAcknowledged, 0, 0, 0, 0})
		}
	}
}
