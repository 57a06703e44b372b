package owncode_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

func TestMessageHasTheNearestLanguage(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{Message: owncode.Message{App: "Acme", Templates: map[string]string{
		"en":    "{code} is your {app} code, for {lifetime}.",
		"de-DE": "{code} ist Ihr Code für {app}, gültig {lifetime}.",
		"pt_BR": "{app}: {code} ({lifetime})",
		"fi":    "{code} ({minutes} min)",
	}}}, in)
	for locale, want := range map[string]string{
		"":           "# is your Acme code, for 5 minutes.",
		"xx":         "# is your Acme code, for 5 minutes.",
		"de-AT":      "# ist Ihr Code für Acme, gültig 5 Minuten.",
		"pt-BR":      "Acme: # (5 minutos)",
		"pt-AO":      "Acme: # (5 minutos)",
		"fi":         "# (5 min)",
		"not a \n 1": "# is your Acme code, for 5 minutes.",
	} {
		sendTo(t, p, otp.SendRequest{Locale: locale})
		text := in.last(t)
		assert.Equal(t, strings.ReplaceAll(want, "#", text.Code), text.Body, locale)
	}
}

func TestLifetimeIsNeverTooLong(t *testing.T) {
	in := &inbox{}
	cfg := owncode.Config{TTL: otp.Range[time.Duration]{Min: time.Second, Max: 24 * time.Hour}}
	cfg.Message.Templates = map[string]string{"en": "{code} {lifetime}", "ja": "{code} {lifetime}", "de": "{code} {lifetime} {minutes}"}
	p := newProvider(t, cfg, in)
	for life, want := range map[time.Duration]string{
		time.Second: "1 second", 59 * time.Second: "59 seconds", time.Minute: "1 minute", 90 * time.Second: "90 seconds",
		179 * time.Second: "2 minutes", time.Hour: "1 hour", 90 * time.Minute: "90 minutes", 24 * time.Hour: "24 hours",
	} {
		sendTo(t, p, otp.SendRequest{TTL: life})
		assert.Equal(t, in.last(t).Code+" "+want, in.last(t).Body)
	}
	sendTo(t, p, otp.SendRequest{TTL: time.Hour, Locale: "ja"})
	assert.Contains(t, in.last(t).Body, " 1時間")
	sendTo(t, p, otp.SendRequest{TTL: time.Second, Locale: "de"})
	assert.Contains(t, in.last(t).Body, " 1 Sekunde 1")
}

func TestAutofillLinesComeLast(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{Message: owncode.Message{
		Templates: map[string]string{"en": "{code} is your code."},
		AppHash:   "FA+9qCX9VSu",
		Origin:    owncode.Origin{Host: "example.com", Embedded: "pay.example"},
	}}, in)
	sendTo(t, p, otp.SendRequest{})
	text := in.last(t)
	assert.Equal(t, strings.ReplaceAll("# is your code.\n\nFA+9qCX9VSu\n@example.com ## @pay.example", "##", "#"+text.Code),
		strings.Replace(text.Body, text.Code, "#", 1))
	origin, code, ok := owncode.ParseOrigin(text.Body)
	assert.True(t, ok)
	assert.Equal(t, text.Code, code)
	assert.Equal(t, owncode.Origin{Host: "example.com", Embedded: "pay.example"}, origin)
	_, err := owncode.New(owncode.Config{Keys: [][]byte{keyA}, Message: owncode.Message{
		Templates: map[string]string{"en": "{code} " + strings.Repeat("x", 140)}, AppHash: "FA+9qCX9VSu",
	}}, in)
	assert.ErrorContains(t, err, "Android ignores")
	_, err = owncode.New(owncode.Config{Keys: [][]byte{keyA}, Message: owncode.Message{
		Templates: map[string]string{"en": "{code} " + strings.Repeat("x", 140)}, Origin: owncode.Origin{Host: "example.com"},
	}}, in)
	assert.ErrorContains(t, err, "browsers ignore")
}

func TestOriginIsParsedAsBrowsersDo(t *testing.T) {
	for text, want := range map[string]string{
		"747723 is your code.\n\n@example.com #747723":       "example.com 747723 ",
		"x\r\n@example.com #747723 @ecommerce.example":       "example.com 747723 ecommerce.example",
		"x\r@example.com #747723 @ecommerce.example $future": "example.com 747723 ecommerce.example",
		"@example.com #747723 %ecommerce.example":            "example.com 747723 ",
		"@example.com #747723  @ecommerce.example":           "example.com 747723 ",
		"@example.com #747723\tx":                            "example.com 747723 ",
		"something @example.com #747723":                     "",
		"#747723 @ecommerce.example @example.com":            "",
		"@example.com code #747723":                          "",
		"@example.com  #747723":                              "",
		"@example.com #747723\n":                             "",
		"@ #747723":                                          "",
		"@example.com #":                                     "",
		"@example.com":                                       "",
		"@example.com\t#747723":                              "",
		"":                                                   "",
		"@first.example #1\n@example.com #747723 @":          "example.com 747723 ",
		"G-1 \u2028@example.com #1":                          "",
		"@example.com #747723\u00a0":                         "example.com 747723\u00a0 ",
	} {
		o, code, ok := owncode.ParseOrigin(text)
		got := ""
		if ok {
			got = o.Host + " " + code + " " + o.Embedded
		}
		assert.Equal(t, want, got, "%q", text)
	}
}

func TestAppHashIsTheOneOfTheDocuments(t *testing.T) {
	hash := owncode.AppHash("com.example.app", []byte("certificate"))
	// printf 'com.example.app 6365727469666963617465' | sha256sum | cut -c1-18 | xxd -r -p | base64 |
	// cut -c1-11
	assert.Equal(t, "WWoOgUJSCeU", hash)
}

func TestSegments(t *testing.T) {
	for text, want := range map[string]owncode.Segments{
		"":                                    {},
		strings.Repeat("a", 160):              {Parts: 1, Units: 160},
		strings.Repeat("a", 161):              {Parts: 2, Units: 161},
		strings.Repeat("a", 306):              {Parts: 2, Units: 306},
		strings.Repeat("a", 307):              {Parts: 3, Units: 307},
		strings.Repeat("€", 80):               {Parts: 1, Units: 160},
		strings.Repeat("a", 152) + "{}aaaaaa": {Parts: 2, Units: 162},
		strings.Repeat("€", 81):               {Parts: 2, Units: 162},
		strings.Repeat("€", 153):              {Parts: 3, Units: 306}, // 76 and not 76.5 fit into a part
		"ÄÖÜß{}[]~^|\\":                       {Parts: 1, Units: 20},
		strings.Repeat("я", 70):               {Parts: 1, Units: 70, UCS2: true},
		strings.Repeat("я", 71):               {Parts: 2, Units: 71, UCS2: true},
		strings.Repeat("я", 135):              {Parts: 3, Units: 135, UCS2: true},
		strings.Repeat("😀", 35):               {Parts: 1, Units: 70, UCS2: true},
		strings.Repeat("😀", 67):               {Parts: 3, Units: 134, UCS2: true}, // 33 fit into a part
		"ç":                                   {Parts: 1, Units: 1, UCS2: true},
	} {
		assert.Equal(t, want, owncode.CountSegments(text), text)
	}
	p := newProvider(t, owncode.Config{}, &inbox{})
	require.Equal(t, owncode.Segments{Parts: 1, Units: 83}, p.Segments("de"))
}
