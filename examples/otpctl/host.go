package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

const (
	longestLook = 10 * time.Second    // at one host
	soon        = 14 * 24 * time.Hour // a certificate that ends sooner is worth a word
	mostSkew    = 5 * time.Second     // of the clocks; a Date is good to a second
)

// addressesOf finds out where each client would go, which no client tells: it is asked to verify a code, over a transport
// that notes the address and lets nothing out.
func addressesOf(ctx context.Context, config *otpconfig.Config) map[string]*url.URL {
	var last *url.URL
	note := roundTripper(func(r *http.Request) (*http.Response, error) {
		last = &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: "/"}
		return nil, errors.New("nothing is let out")
	})
	provider, err := config.Provider(otp.WithHTTPClient(&http.Client{Transport: note}))
	if err != nil { // it was made once already
		return nil
	}
	found := make(map[string]*url.URL)
	for _, leaf := range leaves(provider) {
		last = nil
		_ = leaf.Verify(ctx, otp.Verification{Provider: leaf.Name(), ID: "doctor", To: "+12025550123"}, "000000")
		found[leaf.Name()] = last
	}
	return found
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// look is what one look at a host has shown.
type look struct {
	url      *url.URL
	proxied  bool
	found    []string // addresses
	dnsErr   error
	err      error // of the request
	status   string
	date     string
	duration time.Duration
	at       time.Time
	state    *tls.ConnectionState
}

// look resolves the host's name and asks for the root of its site, without credentials. No redirect is followed.
func (c console) look(ctx context.Context, base *url.URL) look {
	ctx, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	l := look{url: base}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, base.String(), nil)
	if err != nil {
		l.err = err
		return l
	}
	if proxy, proxyErr := http.ProxyFromEnvironment(req); proxyErr != nil || proxy != nil {
		l.proxied = true
	} else {
		l.found, l.dnsErr = net.DefaultResolver.LookupHost(ctx, base.Hostname())
	}
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.roots}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	started := time.Now()
	resp, err := client.Do(req)
	l.at, l.duration = time.Now(), time.Since(started)
	if err != nil {
		l.err = err
		return l
	}
	_ = resp.Body.Close() // a HEAD has none
	l.status, l.date, l.state = resp.Status, resp.Header.Get("Date"), resp.TLS
	return l
}

func (l look) dns(name string) finding {
	f := finding{name, "DNS", good, l.url.Hostname() + " is " + strings.Join(l.found, ", ")}
	switch {
	case l.proxied:
		f.result, f.advice = unchecked, "the proxy of HTTPS_PROXY resolves the name"
	case l.dnsErr != nil:
		f.result, f.advice = bad, "the name is not found; look at base_url and at this machine's resolver: "+l.dnsErr.Error()
	}
	return f
}

func (l look) reach(name string) finding {
	if l.err != nil {
		return finding{name, "host", bad, "no answer; look at firewalls and proxies: " + l.err.Error()}
	}
	return finding{name, "host", good, fmt.Sprintf("%s answers after %v (status %s, which means nothing)", l.url.Host, l.duration.Round(time.Millisecond), l.status)}
}

func (l look) tls(name string) finding {
	f := finding{about: name, check: "TLS", result: unchecked}
	var refused *tls.CertificateVerificationError
	switch {
	case l.url.Scheme != "https":
		f.advice = "plain HTTP: for a simulator on this machine only"
	case errors.As(l.err, &refused):
		f.result, f.advice = bad, "the certificate is refused; look at the clock and the root certificates: "+refused.Error()
	case l.state == nil:
		f.advice = "there was no answer"
	default:
		ends := l.state.PeerCertificates[0].NotAfter
		f.result, f.advice = good, tls.VersionName(l.state.Version)+", certificate until "+ends.Format(time.DateOnly)
		if ends.Sub(l.at) < soon {
			f.advice += ", which is soon: the vendor has to renew it"
		}
	}
	return f
}

func (l look) clock(name string) finding {
	date, err := http.ParseTime(l.date)
	if err != nil {
		return finding{name, "clock", unchecked, "the answer has no date"}
	}
	skew := l.at.Sub(date)
	if skew > mostSkew+l.duration || skew < -mostSkew {
		return finding{name, "clock", bad, fmt.Sprintf("this machine's clock differs by %v: set it by NTP", skew.Round(time.Second))}
	}
	return finding{name, "clock", good, "as the vendor's, to some seconds"}
}
