package smsfactor_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// printed is v in every form in which programs print, log and encode values.
func printed(v any) map[string]string {
	forms := simtest.PrintedDeep
	switch v.(type) {
	case smsfactor.Config, *smsfactor.Config, smsfactor.GenerateRequest, *smsfactor.GenerateRequest,
		smsfactor.ValidateRequest, *smsfactor.ValidateRequest:
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

func TestNothingPrintsTheCredentials(t *testing.T) {
	cfg := smsfactor.Config{
		APILogin: login, APIKey: key, Sender: "MyShop", Text: "{code}", Channel: otp.Voice, BaseURL: "https://proxy.example",
	}
	c, err := smsfactor.New(cfg)
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, *c} {
		for form, text := range printed(v) {
			for _, secret := range []string{login, key} {
				assert.NotContains(t, text, secret, "%T %s", v, form)
				assert.NotContains(t, text, fmt.Sprintf("%x", secret), "%T %s", v, form)
				assert.NotContains(t, text, fmt.Sprintf("% x", secret), "%T %s", v, form)
			}
		}
	}
	assert.Equal(t, "{[redacted] [redacted] MyShop {code} voice https://proxy.example}", fmt.Sprint(cfg))
	masked, err := json.Marshal(cfg)
	require.NoError(t, err)
	assert.JSONEq(t, `{"api_login":"[redacted]","api_key":"[redacted]","sender":"MyShop","text":"{code}","channel":"voice",
		"base_url":"https://proxy.example"}`, string(masked))
	assert.Contains(t, fmt.Sprintf("%+v", smsfactor.Config{}), "APILogin: APIKey: ", "an empty key shows that it is empty")
}

func TestRequestsMaskNumberAndCode(t *testing.T) {
	const code, ip, secret = "87654321", "192.0.2.77", "canary"
	generate := smsfactor.GenerateRequest{To: phone, Text: "{code}", RecipientIP: ip, Extra: map[string]any{"a": secret}}
	validate := smsfactor.ValidateRequest{Token: token, To: phone, Code: code, Extra: map[string]any{"a": secret}}
	for _, v := range []any{generate, &generate, validate, &validate} {
		for form, text := range printed(v) {
			for _, hidden := range []string{phone[4:11], code, ip, secret, fmt.Sprintf("%x", code), fmt.Sprintf("%x", phone)} {
				assert.NotContains(t, text, hidden, "%T %s", v, form)
			}
		}
	}
	assert.Equal(t, "{Token:"+token+" To:+336*****44 Code:[redacted] Extra:map[]}", fmt.Sprintf("%+v", validate))
	assert.Contains(t, fmt.Sprintf("%+v", generate), "{To:+336*****44 Channel: Sender: Text:{code} CodeLength:0 ")
	assert.Contains(t, fmt.Sprintf("%+v", generate), "RecipientIP:[redacted] ")
}

// E-mail addresses are written in any case.
func TestTheLoginIsMaskedInAnyCase(t *testing.T) {
	for _, spelt := range []string{
		login, strings.ToUpper(login), "Canary-Login@Shop.Example", url.QueryEscape(login), strings.ToLower(url.QueryEscape(login)),
		url.QueryEscape(url.QueryEscape(login)),
	} {
		body := `{"code":101,"message":"no account ` + spelt + ` here"}`
		for _, op := range []call{send(otp.SendRequest{To: phone}), verify("123456")} {
			err := op(t.Context(), client(t, answering(401, body)))
			require.ErrorContains(t, err, "no account [redacted] here", spelt)
		}
	}
}

func TestAConfigIsReadFromJSONAndYAML(t *testing.T) {
	want := smsfactor.Config{
		APILogin: login, APIKey: key, Sender: "MyShop", Text: "{code}", Channel: otp.SMS, BaseURL: "https://proxy.example",
	}
	var got smsfactor.Config
	require.NoError(t, json.Unmarshal([]byte(`{"api_login":"`+login+`","api_key":"`+key+`","sender":"MyShop","text":"{code}",
		"channel":"sms","base_url":"https://proxy.example"}`), &got))
	assert.True(t, want == got)
	got = smsfactor.Config{}
	require.NoError(t, yaml.Unmarshal([]byte("api_login: "+login+"\napi_key: "+key+"\nsender: MyShop\ntext: '{code}'\n"+
		"channel: sms\nbase_url: https://proxy.example\n"), &got))
	assert.True(t, want == got)
}

func TestNoErrorHoldsASecret(t *testing.T) {
	const code = "87654321"
	leaky := func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial https://%s:%s@host/?to=%s&code=%s: %w", login, key, phone, code, errLeaky{login + key + phone + code})
	}
	echo := func(number string) string {
		return `{"code":` + number + `,"message":"` + login + " " + key + " " + phone + " " + code + `","field":"` + code + `"}`
	}
	for name, transport := range map[string]http.RoundTripper{
		"a transport's error":   roundTripper(leaky),
		"a refusal":             answering(400, echo("195")),
		"a wrong code":          answering(400, echo("199")),
		"a failure":             answering(500, echo("125")),
		"a success with junk":   answering(200, echo(`"00"`)),
		"a secret for a code":   answering(400, echo(code)),
		"a secret for a string": answering(400, echo(`"`+code+`"`)),
		"HTML":                  answering(200, "<html>"+login+key+phone+code),
	} {
		c := client(t, transport)
		v, sendErr := c.Send(t.Context(), otp.SendRequest{To: phone})
		verifyErr := c.Verify(t.Context(), verification(), code)
		for err, secrets := range map[error][]string{
			sendErr:   {login, key, phone[1:]}, // Send does not know the code
			verifyErr: {login, key, phone[1:], code},
		} {
			require.Error(t, err, name)
			shown := []any{err}
			var apiError *smsfactor.APIError
			if errors.As(err, &apiError) {
				shown = append(shown, apiError, *apiError)
			}
			for _, v := range shown {
				for form, text := range printed(v) {
					for _, secret := range secrets {
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
	c := client(t, answering(429, `{"message":"`+phone+" "+login+`"}`), otp.WithLogger(logger),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
	_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrRateLimited)
	require.ErrorIs(t, c.Verify(t.Context(), verification(), "87654321"), otp.ErrRateLimited)
	assert.Regexp(t, `provider=smsfactor op=send to=\S+ attempts=2 `, log.String())
	assert.Regexp(t, `provider=smsfactor op=verify to=\S+ attempts=1 `, log.String())
	assert.Contains(t, log.String(), `status=429 outcome="not sent" kind=rate_limited`)
	for _, secret := range []string{login, key, phone[4:11], "87654321", token} {
		assert.NotContains(t, log.String(), secret)
	}
}
