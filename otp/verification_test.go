package otp_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func whole() otp.Verification {
	return otp.Verification{
		Provider: "main", ID: "2b4f8c", To: number, Channel: otp.WhatsApp,
		ExpiresAt: time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC),
	}
}

func bare() otp.Verification { return otp.Verification{Provider: "main", ID: "2b4f8c", To: number} }

func TestAVerificationSurvivesJSON(t *testing.T) {
	cases := []struct {
		name, golden string
		v            otp.Verification
	}{
		{"with everything known", "testdata/verification.json", whole()},
		{"without what is not known", "testdata/verification_bare.json", bare()},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			golden, err := os.ReadFile(c.golden)
			require.NoError(t, err)

			written, err := json.MarshalIndent(c.v, "", "  ")
			require.NoError(t, err)
			assert.Equal(t, string(golden), string(written)+"\n")

			var read otp.Verification
			require.NoError(t, json.Unmarshal(golden, &read))
			assert.Equal(t, c.v, read)
		})
	}
}

// requireMasked fails when text shows the number, in digits or in hexadecimal.
func requireMasked(t *testing.T, text string) {
	t.Helper()
	part := number[4:10]
	for _, form := range []string{part, hex.EncodeToString([]byte(part))} {
		require.NotContains(t, strings.ToLower(text), form)
	}
}

func TestNoVerbShowsTheNumber(t *testing.T) {
	v := whole()
	p := &v
	type exported struct {
		V    otp.Verification
		P    *otp.Verification
		PP   **otp.Verification
		I    any
		List []otp.Verification
		Map  map[string]otp.Verification
	}
	holders := map[string]any{
		"a value":                v,
		"a pointer":              p,
		"a slice":                []otp.Verification{v},
		"a slice of pointers":    []*otp.Verification{p},
		"a map":                  map[string]otp.Verification{"v": v},
		"an interface":           []any{v, p},
		"an array":               [1]otp.Verification{v},
		"a struct around":        exported{v, p, &p, v, []otp.Verification{v}, map[string]otp.Verification{"v": v}},
		"a pointer to a struct":  &exported{V: v, P: p, I: p},
		"a struct that embeds":   struct{ otp.Verification }{v},
		"a pointer to a pointer": &p,
	}
	// Package fmt serves %T and %p by itself, and %w prints fields; vet refuses the latter two for a struct.
	verbs := strings.NewReplacer("T", "", "p", "", "w", "").Replace("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for name, holder := range holders {
		t.Run(name, func(t *testing.T) {
			for _, verb := range verbs {
				for _, flags := range []string{"", "+", "#", "-", " ", "0", "20", "-20.3", "+#"} {
					requireMasked(t, fmt.Sprintf("%"+flags+string(verb), holder))
				}
			}
			requireMasked(t, fmt.Sprint(holder))
			requireMasked(t, fmt.Sprintln(holder))
			requireMasked(t, fmt.Errorf("failed: %v", holder).Error())
			requireMasked(t, fmt.Sprintf("%T", holder))
		})
	}
}

func TestAVerificationIsPrintedWithItsNumberMasked(t *testing.T) {
	const text = "main 2b4f8c to +905*****67 by whatsapp until 2026-03-01T12:05:00Z"
	v := whole()
	for _, verb := range []string{"%v", "%+v", "%s", "%x", "%X", "%d"} {
		assert.Equal(t, text, fmt.Sprintf(verb, v), verb)
		assert.Equal(t, text, fmt.Sprintf(verb, &v), verb)
	}
	assert.Equal(t, text, v.String())
	assert.Equal(t, `"`+text+`"`, fmt.Sprintf("%q", v))
	assert.Equal(t, "main 2b4f8c to +905*****67", bare().String(), "what is not known is left out")
	assert.Equal(t, "{V:"+text+"}", fmt.Sprintf("%+v", struct{ V otp.Verification }{v}))
	assert.Equal(t, "{V:"+text+"}", fmt.Sprintf("%+v", struct{ V *otp.Verification }{&v}))
	assert.Equal(t, "{V:<nil>}", fmt.Sprintf("%+v", struct{ V *otp.Verification }{}))
}

func TestAVerificationIsPrintedAsGoWithItsNumberMasked(t *testing.T) {
	const text = `otp.Verification{Provider:"main", ID:"2b4f8c", To:"+905*****67", Channel:"whatsapp", ` +
		`ExpiresAt:"2026-03-01T12:05:00Z"}`
	assert.Equal(t, text, fmt.Sprintf("%#v", whole()))
	assert.Equal(t, text, whole().GoString())
}

func TestALogShowsAVerificationWithItsNumberMasked(t *testing.T) {
	v := whole()
	for name, value := range map[string]any{"a value": v, "a pointer": &v} {
		t.Run(name, func(t *testing.T) {
			var text, object bytes.Buffer
			for _, handler := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&object, nil)} {
				logger := slog.New(handler).With("bound", value).WithGroup("group")
				logger.Info("sent", "verification", value, slog.Group("inner", "verification", value))
			}
			requireMasked(t, text.String())
			requireMasked(t, object.String())
			assert.Contains(t, text.String(), "group.verification.to=+905*****67")
			assert.Contains(t, text.String(), "group.verification.provider=main")

			var line struct {
				Bound map[string]string `json:"bound"`
			}
			require.NoError(t, json.Unmarshal(object.Bytes(), &line))
			assert.Equal(t, map[string]string{
				"provider": "main", "id": "2b4f8c", "to": "+905*****67", "channel": "whatsapp",
				"expires_at": "2026-03-01T12:05:00Z",
			}, line.Bound)
		})
	}
}

func TestATextLogMasksAVerificationInsideOfAStruct(t *testing.T) {
	var log bytes.Buffer
	v := whole()
	slog.New(slog.NewTextHandler(&log, nil)).Info("sent", "session", struct {
		V otp.Verification
		P *otp.Verification
	}{v, &v})
	requireMasked(t, log.String())
	assert.Contains(t, log.String(), "+905*****67")
}

func TestAVerificationNeverHoldsTheCode(t *testing.T) {
	written, err := json.Marshal(whole())
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(written, &fields))
	assert.NotContains(t, fields, "code")
	assert.Len(t, fields, 5, "a new field has to be masked, too")
}
