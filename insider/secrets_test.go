package insider_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
)

// printed is v in every form in which programs print, log and encode values.
func printed(v any) map[string]string {
	forms := simtest.PrintedDeep
	switch v.(type) {
	case insider.Config, *insider.Config, insider.GenerateRequest, *insider.GenerateRequest, insider.CheckRequest, *insider.CheckRequest:
		forms = simtest.Printed // plain data: anyone who reads its memory reads its secrets
	}
	all := forms(v)
	var encoded bytes.Buffer
	if gob.NewEncoder(&encoded).Encode(v) == nil {
		all["gob"] = encoded.String()
	}
	if b, err := xml.Marshal(v); err == nil {
		all["XML"] = string(b)
	}
	return all
}

func TestNothingPrintsTheKey(t *testing.T) {
	cfg := insider.Config{APIKey: key, BaseURL: "https://proxy.example", Channel: otp.WhatsApp}
	c, err := insider.New(cfg)
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, *c} {
		for form, text := range printed(v) {
			assert.NotContains(t, text, key, "%T %s", v, form)
			assert.NotContains(t, text, fmt.Sprintf("%x", key), "%T %s", v, form)
			assert.NotContains(t, text, fmt.Sprintf("% x", key), "%T %s", v, form)
		}
	}
	assert.Equal(t, "{[redacted] https://proxy.example whatsapp}", fmt.Sprint(cfg))
	assert.Contains(t, fmt.Sprintf("%+v", insider.Config{}), "APIKey: ", "an empty key shows that it is empty")
}

func TestRequestsMaskNumberAndCode(t *testing.T) {
	const code, secret = "87654321", "canary"
	generate := insider.GenerateRequest{
		To: phone, CustomCode: code, Channel: otp.SMS, TTL: time.Minute, Callback: "https://shop.example/" + secret + "?key=" + secret,
	}
	check := insider.CheckRequest{To: phone, Code: code}
	for _, v := range []any{generate, &generate, check, &check} {
		for form, text := range printed(v) {
			for _, hidden := range []string{phone[4:11], code, secret, fmt.Sprintf("%x", code), fmt.Sprintf("%x", phone)} {
				assert.NotContains(t, text, hidden, "%T %s", v, form)
			}
		}
	}
	assert.Equal(t, "{To:+905*****67 Code:[redacted]}", fmt.Sprintf("%+v", check))
	assert.Contains(t, fmt.Sprintf("%+v", generate), "TTL:1m0s CodeLength:0 CustomCode:[redacted] MaxAttempts:0 IsUnique:false "+
		"Callback:https://shop.example}")
	assert.Contains(t, fmt.Sprintf("%+v", insider.CheckRequest{}), "Code:}", "what is empty looks empty")
}

func TestAConfigIsReadFromJSONAndYAML(t *testing.T) {
	want := insider.Config{APIKey: key, BaseURL: "https://proxy.example", Channel: otp.SMS}
	var got insider.Config
	require.NoError(t, json.Unmarshal([]byte(`{"api_key":"`+key+`","base_url":"https://proxy.example","channel":"sms"}`), &got))
	assert.True(t, want == got)
	got = insider.Config{}
	require.NoError(t, yaml.Unmarshal([]byte("api_key: "+key+"\nbase_url: https://proxy.example\nchannel: sms\n"), &got))
	assert.True(t, want == got)
}

func TestNoErrorHoldsASecret(t *testing.T) {
	const code = "87654321"
	leaky := func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial https://u:%s@host/?to=%s&code=%s: %w", key, phone, code, errLeaky{key + phone + code})
	}
	echo := `{"errors":[{"message":"` + key + " " + phone + " " + code + `","field":"` + code + `"}]}`
	for name, transport := range map[string]http.RoundTripper{
		"a transport's error": roundTripper(leaky),
		"a refusal":           answering(400, echo),
		"a failure":           answering(500, echo),
		"a success with junk": answering(202, echo),
		"HTML":                answering(200, "<html>"+key+phone+code),
	} {
		c := client(t, transport)
		v, sendErr := c.Send(t.Context(), otp.SendRequest{To: phone, Code: code})
		for _, err := range []error{sendErr, c.Verify(t.Context(), verification(), code)} {
			require.Error(t, err, name)
			for ; err != nil; err = errors.Unwrap(err) {
				for form, text := range printed(err) {
					for _, secret := range []string{key, phone[1:], code} {
						assert.NotContains(t, text, secret, "%s: %s", name, form)
					}
				}
			}
		}
		for form, text := range printed(v) {
			assert.NotContains(t, text, code, form)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// errLeaky shows its secret only to those who print its fields.
type errLeaky struct{ Secret string }

func (errLeaky) Error() string { return "leaky" }

func TestNothingSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := client(t, answering(429, `{"errors":[{"message":"`+phone+`"}]}`), otp.WithLogger(logger),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
	_, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.WhatsApp, Code: "87654321"})
	require.ErrorIs(t, err, otp.ErrRateLimited)
	assert.Contains(t, log.String(), "otp attempt")
	assert.Contains(t, log.String(), "otp call")
	assert.Regexp(t, `provider=insider op=send to=\S+ attempts=2 `, log.String())
	assert.Contains(t, log.String(), `status=429 outcome="not sent" kind=rate_limited`)
	for _, secret := range []string{key, phone[4:11], "87654321"} {
		assert.NotContains(t, log.String(), secret)
	}
}
