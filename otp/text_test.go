package otp_test

import (
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func TestTextIsMaskedInEveryForm(t *testing.T) {
	text := otp.Text{To: number, Channel: otp.SMS, Locale: "en", Code: ownCode, Body: ownCode + " is your canary code."}
	all := held(text)
	type inXML struct {
		V    otp.Text
		P    *otp.Text
		Attr otp.Text `xml:",attr"`
	}
	document, err := xml.Marshal(inXML{text, &text, text})
	require.NoError(t, err)
	forms := []map[string]string{{"XML": string(document)}}
	for _, v := range []any{text, &text, all, &all} {
		forms = append(forms, printed(v), logForms(v), encoded(t, v))
	}
	for _, some := range forms {
		for name, form := range some {
			requireMasked(t, form)
			for _, secret := range []string{ownCode, fmt.Sprintf("%x", ownCode), "canary"} {
				require.NotContains(t, form, secret, name)
			}
		}
	}
}

func TestTextSaysWhatItIs(t *testing.T) {
	text := otp.Text{To: number, Channel: otp.SMS, Locale: "en\n", Body: "1234", ExpiresAt: time.Unix(1, 0)}
	assert.Equal(t, `text to +905*****67 by "sms", locale "en\n", 4 bytes, valid until 1970-01-01T00:00:01Z`, text.String())
	for _, form := range printed(text) {
		assert.NotContains(t, strings.TrimSuffix(form, "\n"), "\n")
	}
}
