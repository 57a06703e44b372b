package redact_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/redact"
)

func TestSecretsThatOverlapAreMaskedWhole(t *testing.T) {
	m := redact.NewMasker([]string{"canary-key-4711"}, "cana", "+15554711")
	assert.Equal(t, "bad key [redacted]", m.Text("bad key canary-key-4711"))
	m = redact.NewMasker([]string{"key-1234567-canary"}, "", "+905321234567")
	assert.NotContains(t, m.Text("key-1234567-canary"), "canary")
	assert.Equal(t, "code [redacted]", redact.NewMasker(nil, "001234", "").Text("code 001234"))
}

func TestNumbersInOddSpellings(t *testing.T) {
	for _, s := range []string{"+90\u00a0532\u00a0123\u00a045\u00a067", "+90 532 123\u201145\u201167", "+90 532 123_45_67", "0532 123/45/67"} {
		assert.Contains(t, masker().Text(s), redact.Masked, s)
	}
}

func TestAShortNationalNumber(t *testing.T) {
	assert.Equal(t, "no route to [redacted]", redact.NewMasker(nil, "", "+298123456").Text("no route to 123456"))
}

type (
	request struct{ Key string }
	holding struct{ Request *request }
)

func (*holding) Error() string { return "refused" }

func TestASecretBehindAPointerIsFoundInJSON(t *testing.T) {
	got := redact.Cause(&holding{&request{key}}, masker())
	written, err := json.Marshal(got)
	require.NoError(t, err)
	assert.NotContains(t, string(written), key)
}

func TestACauseJoinedToAURLSurvives(t *testing.T) {
	got := redact.Cause(errors.Join(context.Canceled, &url.Error{Op: "Post", URL: "https://h", Err: io.EOF}), masker())
	assert.ErrorIs(t, got, context.Canceled)
}

func TestAURLWithoutACauseStaysAnError(t *testing.T) {
	assert.Error(t, redact.Cause(&url.Error{Op: "Post", URL: "https://h"}, masker()))
}

func TestReplacedCausesCanBeCompared(t *testing.T) {
	a, b := redact.Cause(errors.New(key), masker()), redact.Cause(errors.New(key), masker())
	assert.NotPanics(t, func() { _ = map[error]bool{a: true, b: true} })
}

func TestUserInfoOfAURLIsNotShown(t *testing.T) {
	for text, want := range map[string]string{
		"at http://user:hunter2@proxy.example:8080/p?q=1 now": "at http://proxy.example:8080 now",
		"socks5://user:hunter2@proxy:1080":                    "socks5://proxy:1080",
		"https://user:hunt@er2@host":                          "https://host",
		`https:\/\/user:hunter2@host\/x`:                      `https:\/\/host`,
		"redis://:hunter2@host/0":                             "redis://host",
		"http://user:hunt/er2@host":                           "http://user",
		"http://[::1]:80/x":                                   "http://[::1]:80",
	} {
		assert.Equal(t, want, redact.NewMasker(nil, "", "").Text(text))
	}
}

func TestDigitsBeyondTheFirstPlaneAreDigits(t *testing.T) {
	const code = "𝟒𝟑𝟗𝟕𝟏𝟑"
	assert.Equal(t, redact.Masked, redact.NewMasker(nil, "439713", "").Text(code))
	assert.Equal(t, redact.Masked, redact.Numerals(code))
}

func TestNumeralsWithAnySeparatorAreMasked(t *testing.T) {
	for _, code := range []string{
		"439713", "439 713", "439\u00a0713", "439–713", "439 - 713", "439.713", "439  713", "43:97:13", "4\u200b397",
	} {
		assert.Equal(t, "code "+redact.Masked, redact.Numerals("code "+code), "%q", code)
	}
	assert.Equal(t, "after 12 tries in 300 s", redact.Numerals("after 12 tries in 300 s"))
}
