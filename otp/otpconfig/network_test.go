package otpconfig_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// certificate writes a certificate that signs itself, for a server and for a client, and its key.
func certificate(t *testing.T, folder, name string) (pair tls.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	keyPEM := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
	require.NoError(t, os.WriteFile(filepath.Join(folder, name+".pem"), certPEM, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, name+".key"), keyPEM, 0o600))
	pair, err = tls.X509KeyPair(certPEM, keyPEM)
	require.NoError(t, err)
	return pair
}

// secure is a simulator behind TLS, which asks for a client's certificate.
func secure(t *testing.T, folder string) (srv *insidertest.Server, url string) {
	t.Helper()
	srv = insidertest.NewServer()
	t.Cleanup(srv.Close)
	clients := x509.NewCertPool()
	front := httptest.NewUnstartedServer(reverse(t, srv.URL))
	front.TLS = &tls.Config{Certificates: []tls.Certificate{certificate(t, folder, "server")}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	front.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	clients.AddCert(leaf(t, certificate(t, folder, "client")))
	front.StartTLS()
	t.Cleanup(front.Close)
	return srv, front.URL
}

func leaf(t *testing.T, pair tls.Certificate) *x509.Certificate {
	t.Helper()
	found, err := x509.ParseCertificate(pair.Certificate[0])
	require.NoError(t, err)
	return found
}

func reverse(t *testing.T, to string) http.Handler {
	t.Helper()
	target, err := url.Parse(to)
	require.NoError(t, err)
	return httputil.NewSingleHostReverseProxy(target)
}

// loading writes a file of one provider with these fields, and makes the provider.
func loading(t *testing.T, folder, fields string, opts ...otp.Option) (otp.Provider, error) {
	t.Helper()
	path := filepath.Join(folder, "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte("providers:\n  main: {vendor: insider, retry: {max_attempts: 1}, "+fields+"}\n"), 0o600))
	cfg, err := otpconfig.Load(path)
	if err != nil {
		return nil, err
	}
	return cfg.Provider(opts...)
}

func TestPrivateCertificates(t *testing.T) {
	folder := t.TempDir()
	srv, front := secure(t, folder)
	main := fmt.Sprintf("api_key: %s, base_url: '%s'", srv.APIKey, front)
	const both = ", ca_file: server.pem, client_cert_file: client.pem, client_key_file: client.key"
	for fields, works := range map[string]bool{
		"":                      false,
		", ca_file: server.pem": false,
		", ca_file: client.pem": false,
		both:                    true,
		strings.Replace(both, "ca_file: server.pem, ", "", 1): false,
	} {
		p, err := loading(t, folder, main+fields)
		require.NoError(t, err)
		_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
		assert.Equal(t, works, err == nil, "%s: %v", fields, err)
	}

	// Beside what the program sets.
	program := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13}}}
	p, err := loading(t, folder, main+both, otp.WithHTTPClient(program))
	require.NoError(t, err)
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Nil(t, program.Transport.(*http.Transport).TLSClientConfig.RootCAs, "it is not changed")

	dialTLS := func(network, address string) (net.Conn, error) { return tls.Dial(network, address, nil) }
	for _, own := range []http.RoundTripper{
		new(counted),
		&http.Transport{DialTLS: dialTLS}, //nolint:staticcheck // callers may still have it
		&http.Transport{DialTLSContext: func(_ context.Context, network, address string) (net.Conn, error) { return dialTLS(network, address) }},
	} {
		_, err = loading(t, folder, main+both, otp.WithHTTPClient(&http.Client{Transport: own}))
		require.EqualError(t, err, "config: misconfigured: providers.main: must not have ca_file, proxy or client_cert_file, "+
			"because the program brings a transport of its own ("+filepath.Join(folder, "otp.yaml")+":2)")
	}
}

func TestNewCertificateIsFollowed(t *testing.T) {
	folder := t.TempDir()
	srv, front := secure(t, folder)
	good, err := os.ReadFile(filepath.Join(folder, "server.pem"))
	require.NoError(t, err)
	certificate(t, folder, "server") // another one, at which the vendor is not known
	path := filepath.Join(folder, "otp.yaml")
	require.NoError(t, os.WriteFile(path, fmt.Appendf(nil, "providers: {main: {vendor: insider, api_key: %s, base_url: '%s', "+
		"ca_file: server.pem, client_cert_file: client.pem, client_key_file: client.key}}", srv.APIKey, front), 0o600))
	changed := make(chan error, 1)
	p, end, err := otpconfig.Open(t.Context(), path, otpconfig.WithWatch(otpconfig.WatchEvery(time.Millisecond),
		otpconfig.WatchReport(func(err error) { changed <- err })))
	require.NoError(t, err)
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "server.pem"), good, 0o600))
	require.Eventually(t, func() bool { return <-changed == nil }, 5*time.Second, time.Millisecond, "half of a file is refused")
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	require.NoError(t, end())
}

// proxy lets those through who know its password.
func proxy(t *testing.T, srv *insidertest.Server) string {
	t.Helper()
	want := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:CANARY-pass"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") != want {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		r.Header.Del("Proxy-Authorization")
		reverse(t, srv.URL).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestProxyHidesItsPassword(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	host := proxy(t, srv)
	folder := t.TempDir()
	vendor := "plain_http: true, api_key: " + srv.APIKey + ", base_url: http://vendor.example"
	require.NoError(t, os.WriteFile(filepath.Join(folder, "proxy"), []byte("http://user:CANARY-pass@"+host+"\n"), 0o600))
	var logged bytes.Buffer
	logger := otp.WithLogger(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	for fields, works := range map[string]bool{
		", proxy: 'http://user:CANARY-pass@" + host + "'":    true,
		", proxy_file: proxy":                                true,
		", proxy: 'http://user:CANARY-no@" + host + "'":      false,
		", proxy: 'http://user:CANARY-pass@127.0.0.1:1'":     false,
		", proxy: 'https://user:CANARY-pass@127.0.0.1:1'":    false,
		", proxy: 'socks5://user:CANARY-pass@127.0.0.1:1'":   false,
		", proxy: 'http://user:CANARY-pass@no-host.invalid'": false,
	} {
		p, err := loading(t, folder, vendor+fields, logger)
		require.NoError(t, err, fields)
		events := otp.WithObserver(t.Context(), func(e otp.Event) { fmt.Fprintf(&logged, "%+v\n", e) })
		_, err = p.Send(events, otp.SendRequest{To: phone})
		assert.Equal(t, works, err == nil, "%s: %v", fields, err)
		hidesCanary(t, err)
		fmt.Fprintf(&logged, "%v %+v", p, p.Capabilities())
	}
	assert.NotContains(t, logged.String(), canary)
	assert.NotContains(t, logged.String(), base64.StdEncoding.EncodeToString([]byte("user:CANARY")))
}

func TestBadNetworkIsNamed(t *testing.T) {
	folder := t.TempDir()
	certificate(t, folder, "one")
	certificate(t, folder, "two")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "text"), []byte("CANARY"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "empty"), nil, 0o600))
	for _, test := range [][2]string{
		{"ca_file: CANARY", "ca_file: must be a file that exists"},
		{"ca_file: ''", "ca_file: must be the path of a file"},
		{"ca_file: [CANARY]", "ca_file: must be the path of a file"},
		{"ca_file: text", "ca_file: must hold PEM"},
		{"ca_file: empty", "ca_file: must hold PEM"},
		{"ca_file: one.key", "ca_file: must hold certificates in PEM"},
		{"client_cert_file: one.pem", "client_key_file: is missing; client_cert_file needs it"},
		{"client_key_file: one.key", "client_cert_file: is missing; client_key_file needs it"},
		{"proxy: CANARY", "proxy: must be a URL such as \"http://host:3128\", of http, https or socks5"},
		{"proxy: 'ftp://CANARY@host'", "proxy: must be a URL such as"},
		{"proxy: 'http://user:CANARY%zz@host:1'", "proxy: must be a URL such as"},
		{"proxy: 'http://host', proxy_file: text", "proxy_file: must not be given together with proxy"},
		{"proxy_file: text", "proxy: must be a URL such as"},
		{"client_cert_file: one.pem, client_key_file: two.key", "client_cert_file: must hold certificates in PEM, of which the first fits client_key_file"},
		{"client_cert_file: text, client_key_file: two.key", "client_cert_file: must hold PEM"},
		{"plain_http: CANARY", "plain_http: must be true or false, not text"},
		{"send_limit: 1/1m, send_limiter: CANARY", "send_limiter: must not be given together with send_limit"},
		{"client_cert_file: missing, client_key_file: two.key, timeout: x", "client_cert_file: must be a file that exists"},
	} {
		_, err := loading(t, folder, "api_key: CANARY, "+test[0])
		require.ErrorContains(t, err, "config: misconfigured: providers.main."+test[1], test[0])
		require.ErrorContains(t, err, "otp.yaml:2)")
		hidesCanary(t, err)
	}
}

func TestWarnings(t *testing.T) {
	cfg := parsing(t, `
providers:
  a: {vendor: insider, api_key: CANARY, base_url: http://simulator.internal, plain_http: true}
  b: {vendor: insider, api_key: CANARY}
send: {failover: [a, b]}
guard: {fail_open: true}
test_numbers: {until: 2020-01-01T00:00:00Z, numbers: [{number: "+905321234567", code: CANARY123}], allow_real: true}
`, nil)
	providerOf(t, cfg)
	assert.Equal(t, []string{
		"providers.a.plain_http: lets keys, numbers and codes travel unencrypted; it is for simulators",
		"guard.fail_open: lets everybody be texted while the store fails",
		"test_numbers.until: has passed; remove the test numbers",
		"test_numbers.allow_real: lets whoever knows the code sign in as the number's owner",
	}, cfg.Warnings())
	assert.Empty(t, parsing(t, insiderWith(), nil).Warnings())
	assert.Empty(t, new(otpconfig.Config).Warnings())
}

func TestLimitersOfTheProgram(t *testing.T) {
	registry := otpconfig.Vendors()
	file := []byte("providers:\n  main: {vendor: insider, api_key: CANARY, send_limiter: redis, verify_limiter: none}\n")
	cfg, err := registry.Parse(file, "yaml")
	require.NoError(t, err, "nobody has handed anything in yet")
	_, err = cfg.Provider()
	require.EqualError(t, err, "config: misconfigured: providers.main.send_limiter: must be handed in by the program, in its otpconfig.Registry (line 2)")

	registry.Limiters = map[string]otp.Limiter{"redis": refusing{}}
	_, err = registry.Parse(file, "yaml")
	require.EqualError(t, err, "config: misconfigured: providers.main.verify_limiter: is none that the program has handed in; there are: redis (line 2)")

	registry.Limiters["none"] = nil
	_, err = registry.Parse(file, "yaml")
	require.EqualError(t, err, "config: misconfigured: providers.main.verify_limiter: must not be nil in the program (line 2)")

	registry.Limiters["none"] = refusing{}
	cfg, err = registry.Parse(file, "yaml")
	require.NoError(t, err)
	_, err = providerOf(t, cfg).Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, io.ErrNoProgress)
}

// refusing is a limiter of somebody's.
type refusing struct{}

func (refusing) Wait(context.Context) error { return io.ErrNoProgress }
