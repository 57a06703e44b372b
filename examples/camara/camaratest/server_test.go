package camaratest_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/examples/camara/camaratest"
)

func TestTokenEndpoint(t *testing.T) {
	srv := newServer(t, camaratest.Quirks{})
	c := newCaller(t, srv)
	for name, test := range map[string]struct {
		change func(url.Values)
		want   string
		status int
	}{
		"another secret": {func(f url.Values) { f.Set("client_secret", "guess") }, "invalid_client", 401},
		"no secret":      {func(f url.Values) { f.Del("client_secret") }, "invalid_client", 401},
		"another grant":  {func(f url.Values) { f.Set("grant_type", "password") }, "unsupported_grant_type", 400},
		"no scope":       {func(f url.Values) { f.Del("scope") }, "invalid_scope", 400},
		"another scope":  {func(f url.Values) { f.Set("scope", scope+" everything") }, "invalid_scope", 400},
		"a purpose":      {func(f url.Values) { f.Set("scope", scope+" dpv:FraudPreventionAndDetection") }, "access_token", 200},
	} {
		form := credentials(srv)
		test.change(form)
		status, body := c.token(form)
		assert.Equal(t, test.status, status, name)
		assert.Contains(t, body, test.want, name)
	}

	header := http.Header{"Content-Type": {"application/json"}}
	status, body, _ := c.post(srv.TokenURL, header, credentials(srv).Encode())
	assert.Equal(t, 400, status)
	assert.JSONEq(t, `{"error":"invalid_request"}`, body)
}

func TestTokenByBasicAuth(t *testing.T) {
	srv := newServer(t, camaratest.Quirks{})
	srv.ClientSecret = "a secret: with/everything"
	pair := srv.ClientID + ":" + url.QueryEscape(srv.ClientSecret)
	header := http.Header{
		"Content-Type":  {"application/x-www-form-urlencoded"},
		"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(pair))},
	}
	status, body, _ := newCaller(t, srv).post(srv.TokenURL, header, url.Values{"grant_type": {"client_credentials"}, "scope": {scope}}.Encode())
	assert.Equal(t, 200, status, body)
}

func TestSendsPerNumberCountWithinTheWindow(t *testing.T) {
	srv := newServer(t, camaratest.Quirks{})
	srv.TokenTTL = time.Hour
	c := newCaller(t, srv)
	for range srv.MaxSend - 1 {
		c.send(phone)
	}
	c.send("+905320000002") // another number
	srv.Clock.Advance(srv.SendWindow)
	c.send(phone)
}

func TestRightCodeAtTheLastAttempt(t *testing.T) {
	srv := newServer(t, camaratest.Quirks{})
	c := newCaller(t, srv)
	id := c.send(phone)
	for range srv.MaxTry - 1 {
		c.validate(id, "nope")
	}
	status, _ := c.validate(id, c.code())
	assert.Equal(t, 204, status)
}

func TestTextIsTheCallersWithTheCodeInIt(t *testing.T) {
	srv := newServer(t, camaratest.Quirks{})
	srv.Alphabet, srv.CodeLength = "AJ", 4
	c := newCaller(t, srv)
	c.send(phone)
	sent, _ := srv.Inbox.Last(phone)
	assert.Equal(t, strings.ReplaceAll(message, "{{code}}", c.code()), sent.Text)
	assert.Regexp(t, `^[AJ]{4}$`, sent.Code)
}

func TestBadCorrelator(t *testing.T) {
	srv := newServer(t, camaratest.Quirks{})
	c := newCaller(t, srv)
	c.header.Set("X-Correlator", "with space")
	status, body, _ := c.post(srv.BaseURL+"/send-code", c.header, "{}")
	requireAnswer(t, "400 INVALID_ARGUMENT", status, body)
}

func TestQuirks(t *testing.T) {
	const foreign = "+14155550123"
	t.Run("Version2", func(t *testing.T) {
		srv := newServer(t, camaratest.Quirks{Version2: true})
		srv.Foreign = []string{foreign}
		c := newCaller(t, srv)
		assert.Contains(t, srv.BaseURL, "/one-time-password-sms/v2")
		status, body, _ := c.post(srv.BaseURL+"/send-code", c.header, `{"phoneNumber":"`+foreign+`","message":"`+message+`"}`)
		requireAnswer(t, "404 IDENTIFIER_NOT_FOUND", status, body)
		status, body, _ = c.post(srv.BaseURL+"/send-code", c.header, `{"phoneNumber":"`+phone+`","message":"`+message+`","x":1}`)
		requireAnswer(t, "400 INVALID_ARGUMENT", status, body)
	})
	t.Run("NoCorrelator", func(t *testing.T) {
		c := newCaller(t, newServer(t, camaratest.Quirks{NoCorrelator: true}))
		_, _, header := c.post(c.srv.BaseURL+"/send-code", c.header, "{}")
		assert.Empty(t, header.Values("X-Correlator"))
	})
	t.Run("NoExpiresIn", func(t *testing.T) {
		c := newCaller(t, newServer(t, camaratest.Quirks{NoExpiresIn: true}))
		_, body := c.token(credentials(c.srv))
		assert.NotContains(t, body, "expires_in")
	})
	t.Run("UnknownIsExpired", func(t *testing.T) {
		c := newCaller(t, newServer(t, camaratest.Quirks{UnknownIsExpired: true}))
		status, body := c.validate("unknown", "1")
		requireAnswer(t, "400 ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED", status, body)
	})
	t.Run("UsedIsUnknown", func(t *testing.T) {
		c := newCaller(t, newServer(t, camaratest.Quirks{UsedIsUnknown: true}))
		id := c.send(phone)
		c.validate(id, c.code())
		status, body := c.validate(id, c.code())
		requireAnswer(t, "404 NOT_FOUND", status, body)
	})
}
