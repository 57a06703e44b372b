package camara_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/camara"
	"github.com/otp-sdk/otp-go/examples/camara/camaratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// file is a configuration with a vendor that the library does not know.
const file = `
providers:
  operator-a:
    vendor: camara
    base_url: %s
    token_url: %s
    client_id: %s
    client_secret: %s
    message: "Acme: {{code}}"
    service: {code_length: 6, ttl: 5m, max_attempts: 5}
    timeout: %s
    retry: {max_attempts: 1}
    send_limit: 2/1h
    verify_limit: 3/1h
`

func configured(t *testing.T, srv *camaratest.Server, timeout string) otp.Provider {
	t.Helper()
	vendors := otpconfig.Vendors()
	require.NoError(t, otpconfig.Register(vendors, "camara", camara.New))
	cfg, err := vendors.Parse(fmt.Appendf(nil, file, srv.BaseURL, srv.TokenURL, srv.ClientID, srv.ClientSecret, timeout), "yaml")
	require.NoError(t, err)
	assert.NotContains(t, fmt.Sprint(cfg), srv.ClientSecret)
	provider, err := cfg.Provider()
	require.NoError(t, err)
	return provider
}

func TestProviderOfAConfigurationFile(t *testing.T) {
	srv := newServer(t)
	provider := configured(t, srv, "10s")
	ctx := t.Context()
	v, err := provider.Send(ctx, otp.SendRequest{To: phone, CodeLength: 6, TTL: 5 * time.Minute})
	require.NoError(t, err)
	assert.Equal(t, "operator-a", v.Provider)
	assert.WithinDuration(t, time.Now().Add(5*time.Minute), v.ExpiresAt, time.Minute)
	sent, _ := srv.Inbox.Last(phone)
	assert.Equal(t, "Acme: "+sent.Code, sent.Text)
	require.NoError(t, provider.Verify(ctx, v, sent.Code))

	_, err = provider.Send(ctx, otp.SendRequest{To: phone})
	require.NoError(t, err)
	_, err = provider.Send(ctx, otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrRateLimited, "send_limit is 2 per hour")
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	for range 2 {
		require.ErrorIs(t, provider.Verify(ctx, v, "000000"), otp.ErrExpired)
	}
	require.ErrorIs(t, provider.Verify(ctx, v, "000000"), otp.ErrRateLimited, "verify_limit is 3 per hour")
}

func TestTimeoutOfAConfigurationFile(t *testing.T) {
	srv := newServer(t)
	for _, operation := range []string{"token", "send"} {
		srv.Fail(otpsim.Hang().On(operation))
		start := time.Now()
		_, err := configured(t, srv, "500ms").Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrUnavailable)
		assert.Contains(t, err.Error(), "500ms", "timeout is 500 ms")
		assert.Less(t, time.Since(start), 5*time.Second)
		assert.Equal(t, operation == "token", otp.OutcomeOf(err) == otp.OutcomeNotSent)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	vendors := otpconfig.Vendors()
	require.NoError(t, otpconfig.Register(vendors, "camara", camara.New))
	_, err := vendors.Parse([]byte("providers: {operator-a: {vendor: camara, base_url: 'https://a.example'}}"), "yaml")
	for _, missing := range []string{"token_url", "client_id", "client_secret"} {
		assert.ErrorContains(t, err, "providers.operator-a."+missing)
	}
}

func TestConfigIsMasked(t *testing.T) {
	cfg := config()
	cfg.Message = "{{code}}"
	otptest.TestConfig(t, cfg, "ClientSecret")
	assert.Contains(t, fmt.Sprint(cfg), "my-shop")
}

// The operator answers with all that it was asked.
func TestNoErrorShowsWhatWasAsked(t *testing.T) {
	const code = "482913"
	echo := strings.Join([]string{secret, "canary-token-1", phone, code}, " ")
	for _, status := range []int{400, 401, 403, 404, 429, 500} {
		for _, name := range []string{"UNAUTHENTICATED", "ONE_TIME_PASSWORD_SMS." + code, phone} {
			r := reply{status: status, body: envelope(status, name, echo)}
			_, sending := newClient(t, config(), answering(sendPath, r)).Send(t.Context(), otp.SendRequest{To: phone})
			verifying := newClient(t, config(), answering(validatePath, r)).Verify(t.Context(), verification(), code)
			otptest.TestMasked(t, sending, secret, "canary-token-1", phone[1:])
			otptest.TestMasked(t, verifying, secret, "canary-token-1", phone[1:], code)
		}
	}
	c := newClient(t, config(), answering(""))
	_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	otptest.TestMasked(t, c, secret, "canary-token-1")
}

func TestBadConfig(t *testing.T) {
	const token = "token_url"
	for name, test := range map[string]struct {
		change func(*camara.Config)
		field  string
	}{
		"no base URL":             {func(c *camara.Config) { c.BaseURL = "" }, "base_url"},
		"a plain base URL":        {func(c *camara.Config) { c.BaseURL = "http://a.example" }, "base_url"},
		"no token URL":            {func(c *camara.Config) { c.TokenURL = "" }, token},
		"a relative token URL":    {func(c *camara.Config) { c.TokenURL = "/oauth2/token" }, token},
		"a plain token URL":       {func(c *camara.Config) { c.TokenURL = "http://a.example/token" }, token},
		"no token URL at all":     {func(c *camara.Config) { c.TokenURL = "https://[::1" }, token},
		"no client":               {func(c *camara.Config) { c.ClientID = "" }, "client_id"},
		"no secret":               {func(c *camara.Config) { c.ClientSecret = "" }, "client_secret"},
		"a message without code":  {func(c *camara.Config) { c.Message = "hello " + secret }, "message"},
		"a message with two":      {func(c *camara.Config) { c.Message = "{{code}} {{code}}" }, "message"},
		"a message of 161":        {func(c *camara.Config) { c.Message = "{{code}}" + strings.Repeat("é", 153) }, "message"},
		"codes of three":          {func(c *camara.Config) { c.Service.CodeLength = 3 }, "service.code_length"},
		"codes of eleven":         {func(c *camara.Config) { c.Service.CodeLength = 11 }, "service.code_length"},
		"negative attempts":       {func(c *camara.Config) { c.Service.MaxAttempts = -1 }, "service.max_attempts"},
		"a lifetime of half a s":  {func(c *camara.Config) { c.Service.TTL = time.Second / 2 }, "service.ttl"},
		"a lifetime of two years": {func(c *camara.Config) { c.Service.TTL = 17520 * time.Hour }, "service.ttl"},
	} {
		cfg := config()
		test.change(&cfg)
		_, err := camara.New(cfg)
		failure := requireFailure(t, err)
		assert.Equal(t, otp.ErrMisconfigured, failure.Kind, name)
		assert.Equal(t, test.field, failure.Field, name)
		assert.Equal(t, "camara", failure.Provider, name)
		assert.NotContains(t, err.Error(), secret, name)
	}
	_, err := camara.New(config(), otp.WithTimeout(-1))
	assert.Equal(t, "timeout", requireFailure(t, err).Field)

	good := config()
	good.Message = "{{code}}" + strings.Repeat("é", 152)
	_, err = camara.New(good)
	require.NoError(t, err)
	plain := config()
	plain.TokenURL = "http://auth.internal.example/token"
	_, err = camara.New(plain, otp.WithPlainHTTP())
	require.NoError(t, err)
}

// The token is asked for by the caller's own client, as everything else.
func TestTokenTakesTheCallersWay(t *testing.T) {
	srv := newServer(t)
	var dialled []string
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled = append(dialled, address)
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(srv.URL, "http://"))
	}}
	defer transport.CloseIdleConnections()
	c, err := camara.New(camara.Config{
		BaseURL: strings.Replace(srv.BaseURL, "127.0.0.1", "localhost", 1), TokenURL: "http://auth.example/oauth2/token",
		ClientID: srv.ClientID, ClientSecret: srv.ClientSecret,
	}, otp.WithHTTPClient(&http.Client{Transport: transport}), otp.WithPlainHTTP())
	require.NoError(t, err)
	_, err = c.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Len(t, dialled, 2)
	assert.Equal(t, "auth.example:80", dialled[0])
}
