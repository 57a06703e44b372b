package hypersender_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
)

// printed is v in every form in which programs print, log and encode values.
func printed(v any) map[string]string {
	switch v.(type) {
	case hypersender.Config, *hypersender.Config, hypersender.GenerateLinkResponse, *hypersender.GenerateLinkResponse:
		return simtest.Printed(v) // plain data: its memory holds its secret
	}
	return simtest.PrintedDeep(v)
}

// requireHidden finds the secrets in no printed form of v, nor of what v wraps when it is an error.
func requireHidden(t *testing.T, v any, secrets ...string) {
	t.Helper()
	for form, text := range printed(v) {
		for _, secret := range secrets {
			for _, spelling := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret)} {
				require.NotContains(t, text, spelling, "%T %s", v, form)
			}
		}
	}
	switch wrapper := v.(type) {
	case interface{ Unwrap() error }:
		if inner := wrapper.Unwrap(); inner != nil {
			requireHidden(t, inner, secrets...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range wrapper.Unwrap() {
			requireHidden(t, inner, secrets...)
		}
	}
}

func TestNothingPrintsTheToken(t *testing.T) {
	cfg := config()
	cfg.BaseURL = "https://proxy.example"
	c, err := hypersender.New(cfg)
	require.NoError(t, err)
	for _, v := range []any{cfg, &cfg, c, *c} {
		requireHidden(t, v, token, "canary")
	}
	assert.Equal(t, "{"+instance+" [redacted] Example Shop https://proxy.example}", fmt.Sprint(cfg))
	assert.Contains(t, fmt.Sprintf("%+v", hypersender.Config{}), "Token: ", "an empty token shows that it is empty")
}

func TestAConfigIsReadFromJSONAndYAML(t *testing.T) {
	want := config()
	want.BaseURL = "https://proxy.example"
	var got hypersender.Config
	require.NoError(t, json.Unmarshal([]byte(
		`{"instance":"`+instance+`","token":"`+token+`","app_name":"Example Shop","base_url":"https://proxy.example"}`), &got))
	assert.True(t, want == got)
	got = hypersender.Config{}
	require.NoError(t, yaml.Unmarshal([]byte(
		"instance: "+instance+"\ntoken: "+token+"\napp_name: Example Shop\nbase_url: https://proxy.example\n"), &got))
	assert.True(t, want == got)

	written, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"instance":"`+instance+`","token":"[redacted]","app_name":"Example Shop","base_url":"https://proxy.example"}`, string(written))
}

func TestTheCodeInTheAnswerGoesNowhere(t *testing.T) {
	const linkCode = "RDYFQUBX"
	for _, body := range []string{
		requested,
		strings.Replace(requested, "message queued", "439713 queued", 1),
		strings.Replace(requested, "true", "false", 1),
		strings.Replace(requested, "true", `"yes"`, 1),
		strings.Replace(requested, `"success":true,"message":"OTP`, `"success":false,"message":"439713 OTP`, 1),
		strings.Replace(requested, `"439713"`, "439713", 1),
		strings.Replace(requested, `"code"`, `"CODE"`, 1),
		strings.Replace(requested, `"data"`, `"errors":{"439713":["439713"],"chatId":"439713"},"data"`, 1),
		`{"message":"insert into otps values (439713)"}`,
		`{"success":true,"message":"439713","data":"439713"}`,
		`{"success":true,"code":"439713"}`,
		`["439713"]`,
		`439713`,
		requested[:len(requested)-20],
		"<html>439713",
		linked,
		strings.Replace(linked, "true", "false", 1),
		strings.Replace(linked, "https:", "http:", 1),
		strings.Replace(linked, "OTP link request", "https://wa.me/20123456789?text=RDYFQUBX RDYFQUBX", 1),
		linked[:len(linked)-2],
	} {
		for _, status := range []int{200, 201, 204, 301, 302, 404, 409, 422, 429, 500, 502, 503} {
			if status/100 == 4 && !strings.Contains(strings.ToLower(body), `"code":`) {
				continue // a refusal: there is no code yet
			}
			var log bytes.Buffer
			logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c := client(t, answering(status, body), otp.WithLogger(logger))
			v, sendErr := c.Send(t.Context(), otp.SendRequest{To: phone})
			resp, codeErr := c.RequestCode(t.Context(), hypersender.RequestCodeRequest{ChatID: chat})
			link, linkErr := c.GenerateLink(t.Context(), hypersender.GenerateLinkRequest{ChatID: chat})
			for _, shown := range []any{v, sendErr, codeErr, linkErr} {
				requireHidden(t, shown, secret, linkCode)
			}
			if resp != nil {
				requireHidden(t, resp, secret, linkCode)
			}
			if link != nil {
				requireHidden(t, link, secret, linkCode)
			}
			assert.NotEmpty(t, log.String())
			assert.NotContains(t, log.String(), secret)
			assert.NotContains(t, log.String(), linkCode)
		}
	}
}

func TestALinkIsReturnedAndNotPrinted(t *testing.T) {
	link, err := client(t, answering(200, linked)).GenerateLink(t.Context(), sampleLink())
	require.NoError(t, err)
	assert.Contains(t, link.WhatsAppLink, "RDYFQUBX")
	for _, v := range []any{link, *link} {
		requireHidden(t, v, "RDYFQUBX", "wa.me", "20123456789")
	}
	assert.Contains(t, fmt.Sprint(link), "a0b5e14e-95da-4bd4-9e2a-071661244bef [redacted] pending link 2025-12-29")
}

func TestNoErrorHoldsASecret(t *testing.T) {
	const code = "87654321"
	leaky := func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("dial https://u:%s@host/?to=%s&code=%s: %w", token, phone, code, errLeaky{token + phone + code})
	}
	echo := `{"success":false,"message":"` + token + " " + phone + " " + code + `","errors":{"` + token + code + `":["` + chat + `"],"jid":"` + chat + `"}}`
	noCode := strings.ReplaceAll(echo, code, "")
	for name, test := range map[string]struct{ sending, verifying http.RoundTripper }{
		"a transport's error": {roundTripper(leaky), roundTripper(leaky)},
		"a refusal":           {answering(400, noCode), answering(400, echo)},
		"a failure":           {answering(500, noCode), answering(500, echo)},
		"a success with junk": {answering(200, noCode), answering(200, echo)},
		"HTML":                {answering(200, "<html>"+token+phone+code), answering(200, "<html>"+token+phone+code)},
		"a redirect":          {redirecting(), redirecting()},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := client(t, test.sending).Send(t.Context(), otp.SendRequest{To: phone})
			require.Error(t, err)
			requireHidden(t, v, token, code)
			secrets := []string{token, phone[1:]}
			if name != "a transport's error" { // which shows a code that no send knows
				secrets = append(secrets, code)
			}
			requireHidden(t, err, secrets...)
			_, err = client(t, test.sending).GenerateLink(t.Context(), sampleLink())
			require.Error(t, err)
			requireHidden(t, err, secrets...)
			err = client(t, test.verifying).Verify(t.Context(), verification(), code)
			require.Error(t, err)
			requireHidden(t, err, token, phone[1:], code)
		})
	}
}

func redirecting() http.RoundTripper {
	return roundTripper(func(*http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: 302, Header: http.Header{"Location": {"https://elsewhere.example/?token=" + token + "&to=" + phone}},
		}, nil
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// errLeaky shows its secret only to those who print its fields.
type errLeaky struct{ Secret string }

func (errLeaky) Error() string { return "leaky" }

func TestNoSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := client(t, answering(429, `{"message":"`+phone+` 123456"}`), otp.WithLogger(logger),
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 2, MinWait: 1, MaxWait: 1}))
	_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrRateLimited)
	require.ErrorIs(t, c.Verify(t.Context(), verification(), "123456"), otp.ErrRateLimited)
	assert.Contains(t, log.String(), "otp call")
	assert.Regexp(t, `provider=hypersender op=send to=\S+ attempts=2 `, log.String())
	assert.Contains(t, log.String(), `status=429 outcome="not sent" kind=rate_limited`)
	for _, hidden := range []string{token, phone[4:11], "123456", instance} {
		assert.NotContains(t, log.String(), hidden)
	}
}

func TestACancelledCallIsNotSent(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	v := answering(200, requested)
	_, err := client(t, v).Send(ctx, otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrCanceled)
	require.True(t, errors.Is(err, context.Canceled))
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Empty(t, v.requests)
}

func TestRequestsAreMasked(t *testing.T) {
	const code = "87654321"
	callback := hypersender.LinkCallback{Success: "https://shop.example/canary?key=canary", Failed: "https://u:canary@shop.example/#canary"}
	request := hypersender.RequestCodeRequest{ChatID: chat, Name: "Example Shop"}
	validate := hypersender.ValidateCodeRequest{ChatID: chat, Code: code}
	link := hypersender.GenerateLinkRequest{ChatID: chat, Callback: callback}
	response := hypersender.GenerateLinkResponse{WhatsAppLink: "https://wa.me/20123456789?text=canary"}
	for _, v := range []any{
		config(), request, &request, validate, &validate, link, &link, callback, &callback, response, &response,
	} {
		forms := simtest.Printed(v)
		var binary bytes.Buffer
		require.NoError(t, gob.NewEncoder(&binary).Encode(v))
		markup, err := xml.Marshal(v)
		require.NoError(t, err)
		forms["gob"], forms["XML"] = binary.String(), string(markup)
		for form, text := range forms {
			for _, hidden := range []string{token, "canary", phone[1:], phone[5:11], code} {
				assert.NotContains(t, text, hidden, "%T %s", v, form)
				assert.NotContains(t, text, fmt.Sprintf("%x", hidden), "%T %s", v, form)
			}
		}
	}
	assert.Equal(t, "{2012*****89@c.us [redacted]}", fmt.Sprint(validate), "a chat id is masked as a number")
	assert.Contains(t, fmt.Sprintf("%+v", link), "Callback:{Success:https://shop.example Failed:https://shop.example}")
}
