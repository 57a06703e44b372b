package kaleyra_test

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

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

// printed is v in every form in which programs print, log and encode values.
func printed(v any) map[string]string {
	switch v.(type) {
	case kaleyra.Config, *kaleyra.Config:
		return simtest.Printed(v) // plain data: anyone who reads its memory reads its secret
	}
	return simtest.PrintedDeep(v)
}

func TestNothingPrintsTheKey(t *testing.T) {
	cfg := declared()
	cfg.BaseURL = "https://proxy.example"
	c, err := kaleyra.New(cfg)
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, *c} { // a copy is what people print
		for form, text := range printed(v) {
			assert.NotContains(t, text, key, "%T %s", v, form)
			assert.NotContains(t, text, fmt.Sprintf("%x", key), "%T %s", v, form)
			assert.NotContains(t, text, fmt.Sprintf("% x", key), "%T %s", v, form)
		}
	}
	assert.Equal(t, "{"+sid+" [redacted] "+flowID+" {6 5m0s [sms voice] false}    https://proxy.example}", fmt.Sprint(cfg))
	assert.Contains(t, fmt.Sprintf("%+v", kaleyra.Config{}), "APIKey: ", "an empty key shows that it is empty")

	shown, err := json.Marshal(cfg)
	require.NoError(t, err)
	assert.JSONEq(t, `{"sid":"`+sid+`","api_key":"[redacted]","flow_id":"`+flowID+`","base_url":"https://proxy.example",
		"flow":{"code_length":6,"ttl":"5m0s","channels":["sms","voice"]}}`, string(shown))

	shown, err = json.Marshal(kaleyra.Config{SID: sid, APIKey: key})
	require.NoError(t, err)
	assert.NotContains(t, string(shown), "flow", "nothing is declared")
}

func TestRequestsAreMasked(t *testing.T) {
	const code = "87654321"
	generate := kaleyra.GenerateRequest{To: phone, Email: email, FlowID: flowID}
	validate := kaleyra.ValidateRequest{VerifyID: verifyID, Code: code}
	for _, v := range []any{config(), generate, &generate, validate, &validate} {
		forms := simtest.Printed(v)
		var binary bytes.Buffer
		require.NoError(t, gob.NewEncoder(&binary).Encode(v))
		markup, err := xml.Marshal(v)
		require.NoError(t, err)
		forms["gob"], forms["XML"] = binary.String(), string(markup)
		for form, text := range forms {
			for _, secret := range []string{key, phone, phone[4:11], email, code} {
				assert.NotContains(t, text, secret, "%T %s", v, form)
				assert.NotContains(t, text, fmt.Sprintf("%x", secret), "%T %s", v, form)
			}
		}
	}
	assert.Equal(t, "{+905*****67 [redacted] "+flowID+"}", fmt.Sprint(generate))
}

func TestAConfigIsReadFromJSONAndYAML(t *testing.T) {
	want := declared()
	want.BaseURL, want.Flow.Alphanumeric = "https://proxy.example", true
	var got kaleyra.Config
	require.NoError(t, json.Unmarshal([]byte(`{"sid":"`+sid+`","api_key":"`+key+`","flow_id":"`+flowID+`",
		"base_url":"https://proxy.example",
		"flow":{"code_length":6,"ttl":"5m","channels":["sms","voice"],"alphanumeric":true}}`), &got))
	assert.True(t, assert.ObjectsAreEqual(want, got))
	got = kaleyra.Config{}
	require.NoError(t, yaml.Unmarshal([]byte("sid: "+sid+"\napi_key: "+key+"\nflow_id: "+flowID+"\nbase_url: https://proxy.example\n"+
		"flow:\n  code_length: 6\n  ttl: 5m\n  channels: [sms, voice]\n  alphanumeric: true\n"), &got))
	assert.True(t, assert.ObjectsAreEqual(want, got))
}

func TestAFlowThatCannotBeMeantIsNotRead(t *testing.T) {
	for _, text := range []string{
		`{"ttl":"300"}`, `{"ttl":300}`, `{"ttl":"canary"}`, `{"code_length":"canary"}`, `{"channels":"canary"}`,
		`{"codelength":6,"canary":1}`, `{"length":6}`, `[]`, `"canary"`,
	} {
		var flow kaleyra.Flow
		err := json.Unmarshal([]byte(text), &flow)
		require.Error(t, err, text)
		assert.Zero(t, flow)
	}
	var flow kaleyra.Flow
	require.NoError(t, json.Unmarshal([]byte(`null`), &flow))
	require.NoError(t, json.Unmarshal([]byte(`{}`), &flow))
	assert.Zero(t, flow)
	require.NoError(t, json.Unmarshal([]byte(`{"ttl":"1h30m"}`), &flow))
	assert.Equal(t, 90*time.Minute, flow.TTL)
}

func TestNoErrorHoldsASecret(t *testing.T) {
	const code = "87654321"
	leaky := func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial https://u:%s@host/?to=%s&mail=%s&code=%s: %w",
			key, phone, email, code, errLeaky{key + phone + email + code})
	}
	text := key + " " + phone + " %s"
	echo := `{"error":{"code":"E9` + text + `","type":"` + text + `","parameter":"` + text + `","message":"` + text + `","reference":"` + text + `"}}`
	for name, transport := range map[string]func(secret string) http.RoundTripper{
		"a transport's error": func(string) http.RoundTripper { return roundTripper(leaky) },
		"a refusal":           func(s string) http.RoundTripper { return answering(400, fmt.Sprintf(echo, s, s, s, s, s)) },
		"a failure":           func(s string) http.RoundTripper { return answering(500, fmt.Sprintf(echo, s, s, s, s, s)) },
		"a success with junk": func(s string) http.RoundTripper { return answering(200, fmt.Sprintf(echo, s, s, s, s, s)) },
		"HTML":                func(s string) http.RoundTripper { return answering(200, "<html>"+fmt.Sprintf(text, s)) },
	} {
		v, sendErr := client(t, transport(email)).Send(t.Context(), otp.SendRequest{To: phone, Options: []otp.SendOption{kaleyra.Email(email)}})
		requireClean(t, name, sendErr, key, phone[1:], email)
		requireClean(t, name, client(t, transport(code)).Verify(t.Context(), verification(), code), key, phone[1:], code)
		for form, text := range printed(v) {
			assert.NotContains(t, text, email, form)
		}
	}
}

// requireClean looks for secrets in err, in every form, and in all that it wraps.
func requireClean(t *testing.T, name string, err error, secrets ...string) {
	t.Helper()
	require.Error(t, err, name)
	var apiError *kaleyra.APIError
	for _, e := range []error{err, errors.Unwrap(err), apiErrorOf(err, &apiError)} {
		if e == nil {
			continue
		}
		for form, text := range printed(e) {
			for _, secret := range secrets {
				assert.NotContains(t, text, secret, "%s: %s", name, form)
			}
		}
	}
}

func apiErrorOf(err error, into **kaleyra.APIError) error {
	if errors.As(err, into) {
		return *into
	}
	return nil
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// errLeaky shows its secret only to those who print its fields.
type errLeaky struct{ Secret string }

func (errLeaky) Error() string { return "leaky" }

func TestNoSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := client(t, answering(429, `{"error":{"message":"`+phone+email+`"}}`), otp.WithLogger(logger),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
	_, err := c.Send(t.Context(), otp.SendRequest{To: phone, Options: []otp.SendOption{kaleyra.Email(email)}})
	require.ErrorIs(t, err, otp.ErrRateLimited)
	require.ErrorIs(t, c.Verify(t.Context(), verification(), "87654321"), otp.ErrRateLimited)
	assert.Contains(t, log.String(), "otp call")
	assert.Regexp(t, `provider=kaleyra op=send to=\S+ attempts=2 `, log.String())
	assert.Contains(t, log.String(), `status=429 outcome="not sent" kind=rate_limited`)
	for _, secret := range []string{key, phone[4:11], email, "87654321", verifyID} {
		assert.NotContains(t, log.String(), secret)
	}
}

func TestCodeOfLettersIsShownNowhere(t *testing.T) {
	for _, body := range []string{
		`{"code":"QWERTZ","message":"sent"}`,
		`{"error":{"code":"QWERTZ","type":"QWERTZ","parameter":"QWERTZ","message":"QWERTZ","reference":"QWERTZ"}}`,
	} {
		_, err := client(t, answering(500, body)).Send(t.Context(), otp.SendRequest{To: "+905321234567"})
		var failure *otp.Error
		require.ErrorAs(t, err, &failure)
		assert.NotContains(t, fmt.Sprintf("%+v %#v %+v", err, *failure, failure.Err), "QWERTZ", body)
	}
}
