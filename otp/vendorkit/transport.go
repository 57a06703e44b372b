package vendorkit

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
)

const (
	longestConnect  = 3 * time.Second
	idleTimeout     = 30 * time.Second // below what vendors' front ends keep a connection for
	idleConnections = 128
	maxHeaderBytes  = 64 << 10
)

type transport struct {
	http.RoundTripper

	own     bool // it is net/http's, and hardened: a trace is a proof
	isPlain bool // closing a connection of it ends whatever goes on with that
}

// transportsOf gives the transport for an attempt, of a caller's client, which may be nil and is
// not changed. One of net/http is copied and hardened. One with other protocols registered cannot
// be copied, and any other RoundTripper is not known: both are used as they are.
func transportsOf(client *http.Client) func() transport {
	if client == nil || client.Transport == nil {
		return new(standard).transport
	}
	t, ok := client.Transport.(*http.Transport)
	if ok && t == nil {
		return new(standard).transport
	}
	held := transport{RoundTripper: client.Transport}
	if ok {
		held = ownTransport(t)
	}
	return func() transport { return held }
}

func ownTransport(t *http.Transport) transport {
	if own := hardened(t); own != nil {
		return transport{own, true, isPlain(t)}
	}
	return transport{RoundTripper: t}
}

// standard follows http.DefaultTransport, also when a test has replaced it.
type standard struct{ last atomic.Pointer[copied] }

type copied struct {
	of   *http.Transport
	held transport
}

func (s *standard) transport() transport {
	current := http.DefaultTransport //nolint:forbidigo // only looked at: see above
	t, ok := current.(*http.Transport)
	if !ok || t == nil {
		return transport{RoundTripper: current}
	}
	last := s.last.Load()
	if last == nil || last.of != t {
		last = &copied{t, ownTransport(t)}
		if own, _ := last.held.RoundTripper.(*http.Transport); last.held.own && own.MaxIdleConnsPerHost == 0 {
			own.MaxIdleConnsPerHost = idleConnections // net/http keeps two
		}
		s.last.Store(last)
	}
	return last.held
}

func isPlain(t *http.Transport) bool {
	return t.MaxConnsPerHost == 0 && !callsOthers(t) &&
		(t.TLSClientConfig == nil || len(t.TLSClientConfig.Certificates) == 0 && !callsOthers(t.TLSClientConfig))
}

// callsOthers reports whether a field of a struct of Go's is a foreign function or interface.
func callsOthers(v any) bool {
	fields := reflect.ValueOf(v).Elem()
	for i := range fields.NumField() {
		field := fields.Field(i)
		isCode := field.Kind() == reflect.Func || field.Kind() == reflect.Interface
		if isCode && fields.Type().Field(i).IsExported() && !field.IsNil() && !isOfGo(field) {
			return true
		}
	}
	return false
}

func isOfGo(f reflect.Value) bool {
	return f.Kind() == reflect.Func && (f.Pointer() == reflect.ValueOf(new(net.Dialer).DialContext).Pointer() ||
		f.Pointer() == reflect.ValueOf(http.ProxyFromEnvironment).Pointer())
}

// hardened is a bounded copy of a transport: HTTP/1.1, whose requests can be traced and are never
// replayed once a byte is written, and TLS 1.2. It is nil for one that cannot be copied whole.
func hardened(of *http.Transport) *http.Transport {
	t := of.Clone()
	if hasProtocols(of) {
		return nil
	}
	t.Protocols = new(http.Protocols)
	t.Protocols.SetHTTP1(true)
	t.ForceAttemptHTTP2 = false
	t.TLSNextProto = make(map[string]func(string, *tls.Conn) http.RoundTripper) // where one that spoke HTTP/2 keeps it

	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{}
	}
	t.TLSClientConfig.NextProtos = nil
	t.TLSClientConfig.MinVersion = max(t.TLSClientConfig.MinVersion, tls.VersionTLS12)
	guardHandshake(t.TLSClientConfig)

	t.DisableCompression = true
	t.MaxResponseHeaderBytes = atMost(t.MaxResponseHeaderBytes, maxHeaderBytes)
	t.TLSHandshakeTimeout = atMost(t.TLSHandshakeTimeout, longestConnect)
	t.IdleConnTimeout = atMost(t.IdleConnTimeout, idleTimeout) // nobody can close what the copy keeps
	boundDials(t)
	boundProxy(t)
	return t
}

// hasProtocols reports whether a caller has registered a RoundTripper of its own for http or https.
// Clone drops those, and net/http does not show them. net/http's own for HTTP/2 does not count.
func hasProtocols(t *http.Transport) (found bool) {
	return !safely.Do(func() { found = hasProtocol(t) }) || found // another net/http than this was written for
}

func hasProtocol(t *http.Transport) bool {
	registered := reflect.ValueOf(t).Elem().FieldByName("altProto").FieldByName("v").Elem()
	if !registered.IsValid() {
		return false
	}
	for all := registered.MapRange(); all.Next(); {
		scheme, kind := all.Key().String(), all.Value().Elem().Type().String()
		if (scheme == "http" || scheme == "https") && !strings.HasPrefix(kind, "http.http2") {
			return true
		}
	}
	return false
}

func atMost[T int64 | time.Duration](value, limit T) T {
	if value <= 0 {
		return limit
	}
	return min(value, limit)
}

// guardHandshake makes errors of panics in a caller's functions, on goroutines of net/http.
func guardHandshake(c *tls.Config) {
	if verify := c.VerifyPeerCertificate; verify != nil {
		c.VerifyPeerCertificate = func(raw [][]byte, chains [][]*x509.Certificate) error {
			return safely.Err(func() error { return verify(raw, chains) })
		}
	}
	if verify := c.VerifyConnection; verify != nil {
		c.VerifyConnection = func(state tls.ConnectionState) error {
			return safely.Err(func() error { return verify(state) })
		}
	}
	if get := c.GetClientCertificate; get != nil {
		c.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return safely.Value(func() (*tls.Certificate, error) { return get(info) })
		}
	}
	if verify := c.EncryptedClientHelloRejectionVerify; verify != nil {
		c.EncryptedClientHelloRejectionVerify = func(state tls.ConnectionState) error {
			return safely.Err(func() error { return verify(state) })
		}
	}
	if now := c.Time; now != nil {
		c.Time = func() time.Time {
			t := time.Time{}.Add(1) // at which no certificate is valid; at zero, those of today are
			safely.Do(func() { t = now() })
			return t
		}
	}
	if c.KeyLogWriter != nil {
		c.KeyLogWriter = guardedWriter{c.KeyLogWriter}
	}
	if c.Rand != nil {
		c.Rand = guardedReader{c.Rand}
	}
	if c.ClientSessionCache != nil {
		c.ClientSessionCache = guardedCache{c.ClientSessionCache}
	}
}

type guardedWriter struct{ from io.Writer }

func (g guardedWriter) Write(p []byte) (int, error) {
	return safely.Value(func() (int, error) { return g.from.Write(p) })
}

type guardedReader struct{ from io.Reader }

func (g guardedReader) Read(p []byte) (int, error) {
	return safely.Value(func() (int, error) { return g.from.Read(p) })
}

type guardedCache struct{ from tls.ClientSessionCache }

func (g guardedCache) Get(key string) (session *tls.ClientSessionState, ok bool) {
	ran := safely.Do(func() { session, ok = g.from.Get(key) })
	return session, ok && ran
}

func (g guardedCache) Put(key string, session *tls.ClientSessionState) {
	safely.Do(func() { g.from.Put(key, session) })
}
