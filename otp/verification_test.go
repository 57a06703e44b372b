package otp_test

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/otp"
)

func whole() otp.Verification {
	return otp.Verification{
		Provider: "main", ID: "2b4f8c", To: number, Channel: otp.WhatsApp,
		ExpiresAt: time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC),
		SentAt:    time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
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
	v, all := whole(), held(whole())
	p := &v
	for name, value := range map[string]any{
		"a value":                v,
		"a pointer":              p,
		"a slice of pointers":    []*otp.Verification{p},
		"an interface":           []any{v, p},
		"an array":               [1]otp.Verification{v},
		"a struct around":        all,
		"a pointer to a struct":  &all,
		"a struct that embeds":   struct{ otp.Verification }{v},
		"a pointer to a pointer": &p,
	} {
		t.Run(name, func(t *testing.T) {
			for _, form := range printed(value) {
				requireMasked(t, form)
			}
			requireMasked(t, fmt.Sprintf("%T", value))
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
		`ExpiresAt:"2026-03-01T12:05:00Z", SentAt:"2026-03-01T12:00:00Z"}`
	assert.Equal(t, text, fmt.Sprintf("%#v", whole()))
	assert.Equal(t, text, whole().GoString())
}

func TestALogShowsAVerificationWithItsNumberMasked(t *testing.T) {
	v := whole()
	for name, value := range map[string]any{"a value": v, "a pointer": &v} {
		t.Run(name, func(t *testing.T) {
			forms := logForms(value)
			for _, form := range forms {
				requireMasked(t, form)
			}
			assert.Contains(t, forms["slog text"], "group.v.to=+905*****67")
			assert.Contains(t, forms["slog text"], "group.inner.v.provider=main")

			var line struct {
				Bound map[string]string `json:"bound"`
			}
			require.NoError(t, json.Unmarshal([]byte(forms["slog JSON"]), &line))
			assert.Equal(t, map[string]string{
				"provider": "main", "id": "2b4f8c", "to": "+905*****67", "channel": "whatsapp",
				"expires_at": "2026-03-01T12:05:00Z", "sent_at": "2026-03-01T12:00:00Z",
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

func TestAVerificationSurvivesEveryEncoder(t *testing.T) {
	for _, v := range []otp.Verification{{}, bare(), whole()} {
		var fromGob, fromYAML, fromXML, fromJSON otp.Verification
		var stream bytes.Buffer
		require.NoError(t, gob.NewEncoder(&stream).Encode(v))
		require.NoError(t, gob.NewDecoder(&stream).Decode(&fromGob))
		for _, c := range []struct {
			marshal   func(any) ([]byte, error)
			unmarshal func([]byte, any) error
			read      *otp.Verification
		}{
			{yaml.Marshal, yaml.Unmarshal, &fromYAML},
			{xml.Marshal, xml.Unmarshal, &fromXML},
			{json.Marshal, json.Unmarshal, &fromJSON},
		} {
			written, err := c.marshal(v)
			require.NoError(t, err)
			require.NoError(t, c.unmarshal(written, c.read))
		}
		for _, read := range []otp.Verification{fromGob, fromYAML, fromXML, fromJSON} {
			assert.Equal(t, v, read)
			assert.Equal(t, v.CanVerify(), read.CanVerify())
		}
	}
}

func TestIsZero(t *testing.T) {
	assert.True(t, otp.Verification{}.IsZero())
	for _, v := range []otp.Verification{
		{Provider: "a"}, {ID: "1"}, {To: number}, {Channel: otp.SMS}, {ExpiresAt: time.Now()}, {SentAt: time.Now()},
	} {
		assert.False(t, v.IsZero(), v)
	}
}

func TestWhatAnIDSaysSurvivesJSON(t *testing.T) {
	seen := make(map[string]bool)
	for name, c := range map[string]struct {
		id                   string
		canVerify, reference bool
	}{
		"the vendor's":          {"2b4f8c", true, true},
		"none":                  {"", true, false},
		"random, by the number": {otp.RandomID(true), true, false},
		"random, and lost":      {otp.RandomID(false), false, false},
		"like a random one":     {"otp-2b4f8c", true, true},
	} {
		v := bare()
		v.ID = c.id
		written, err := json.Marshal(v)
		require.NoError(t, err)
		var read otp.Verification
		require.NoError(t, json.Unmarshal(written, &read))
		assert.Equal(t, v, read, name)
		assert.Equal(t, c.canVerify, read.CanVerify(), name)
		assert.Equal(t, c.reference, read.HasReference(), name)
		assert.False(t, seen[c.id], name)
		seen[c.id] = true
	}
	assert.False(t, otp.Verification{}.CanVerify())
	assert.NotEqual(t, otp.RandomID(true), otp.RandomID(true))
	assert.NotEqual(t, otp.RandomID(false), otp.RandomID(false))
}

// The answer to a send was lost, and this vendor verifies by its reference alone.
func ExampleVerification_CanVerify() {
	v := otp.Verification{Provider: "main", ID: otp.RandomID(false), To: "+905321234567"}
	if !v.CanVerify() {
		fmt.Println("We are not sure that it was sent. Send again?")
	}
	fmt.Println(v.HasReference())
	// Output:
	// We are not sure that it was sent. Send again?
	// false
}

func TestAVerificationNeverHoldsTheCode(t *testing.T) {
	written, err := json.Marshal(whole())
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(written, &fields))
	assert.NotContains(t, fields, "code")
	assert.Len(t, fields, 6, "a new field has to be masked, too")
}
