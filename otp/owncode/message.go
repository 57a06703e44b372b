package owncode

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Message is the text in which a code travels. The zero value is plain English.
type Message struct {
	// App is the name that people know the program by, for {app}.
	App string

	// Templates are the texts by language, BCP 47. A request gets the nearest to its Locale, see
	// otp.Features.MatchLocale. A template holds {code} once, and may hold:
	//
	//	{app}       the name of the program
	//	{lifetime}  how long the code is valid, in words: "5 minutes". In de, en, es, fr, id, it, ja,
	//	            ko, nl, pt, tr and zh
	//	{minutes}   the same as a number of minutes, for all languages
	//
	// It may have line breaks, but no other control characters, and no line that begins with "@".
	// Empty = one in English.
	Templates map[string]string

	// Default is the language of requests that no template is near. "" = English, or the only one
	// that there is.
	Default string

	// Origin adds the last line with which browsers fill the code in. The zero value adds none.
	Origin Origin

	// AppHash adds the line by which Android hands the text to an app: see [AppHash]. "" = none.
	AppHash string

	// MaxSegments is how many parts, which are paid one by one, a text may take: 1 to 8. 0 = 3. With
	// an Origin or an AppHash a text may not be longer than 140 characters or bytes either, because
	// browsers and Android then ignore it.
	MaxSegments int
}

const (
	inEnglish      = "{code} is your code. It is valid for {lifetime}. Do not share it with anybody."
	inEnglishOfApp = "{code} is your {app} code. It is valid for {lifetime}. Do not share it with anybody."
)

// template is one text, ready to be filled.
type template struct {
	language string // of its words; a key of units, or another
	text     string
}

func (m Message) filled() Message {
	m.Templates, m.MaxSegments = maps.Clone(m.Templates), cmp.Or(m.MaxSegments, 3)
	if len(m.Templates) == 0 {
		m.Templates = map[string]string{"en": inEnglish}
		if m.App != "" {
			m.Templates["en"] = inEnglishOfApp
		}
	}
	features := otp.Features{Locales: m.locales()}
	if found, ok := features.MatchLocale(cmp.Or(m.Default, "en")); ok {
		m.Default = found
	} else if m.Default == "" && len(features.Locales) == 1 {
		m.Default = features.Locales[0]
	}
	return m
}

func (m Message) locales() []string { return slices.Sorted(maps.Keys(m.Templates)) }

var (
	localeForm = regexp.MustCompile(`\A[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*\z`)
	appForm    = regexp.MustCompile(`\A[^{}\pC]*\z`)
	controls   = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f-\x9f]`)
	lineWithAt = regexp.MustCompile(`(?m)^@`)
	braces     = regexp.MustCompile(`\{[^{}]*\}|[{}]`)
)

// compile checks a filled message, with the longest text that each template can become.
func (m Message) compile(cfg Config) (map[string]template, error) {
	_, hasDefault := m.Templates[m.Default]
	err := vendorkit.First(
		vendorkit.When(!appForm.MatchString(m.App), "message.app", "must be one line without braces and control characters"),
		vendorkit.When(m.MaxSegments < 1 || m.MaxSegments > 8, "message.max_segments", "must be 1 to 8"),
		vendorkit.When(!hasDefault, "message.default", "must be the language of a template; without it one has to be English"),
		vendorkit.When(!m.Origin.isValid(), "message.origin", originRule),
		vendorkit.When(m.AppHash != "" && !appHash.MatchString(m.AppHash), "message.app_hash", "must be the 11 characters of AppHash"),
	)
	compiled := make(map[string]template, len(m.Templates))
	for _, locale := range m.locales() {
		t := m.template(locale)
		err = vendorkit.First(err, m.check("message.templates."+locale, locale, t), m.checkLength("message.templates."+locale, t.longest(cfg)))
		compiled[locale] = t
	}
	return compiled, err
}

func (m Message) template(locale string) template {
	language, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	t := template{language: language, text: strings.ReplaceAll(m.Templates[locale], "{app}", m.App)}
	var tail []string
	if m.AppHash != "" {
		tail = append(tail, m.AppHash)
	}
	if m.Origin != (Origin{}) {
		tail = append(tail, m.Origin.line("{code}"))
	}
	if tail != nil {
		t.text += "\n\n" + strings.Join(tail, "\n")
	}
	return t
}

func (m Message) check(field, locale string, t template) error {
	text := m.Templates[locale]
	isUnknown := func(name string) bool {
		return !slices.Contains([]string{"{code}", "{app}", "{lifetime}", "{minutes}"}, name)
	}
	return vendorkit.First(
		vendorkit.When(!localeForm.MatchString(locale), field, "must be named by a BCP 47 tag"),
		vendorkit.When(!utf8.ValidString(text) || controls.MatchString(text), field, "must be UTF-8 without control characters but line breaks"),
		vendorkit.When(lineWithAt.MatchString(text), field, `must not have a line that begins with "@"`),
		vendorkit.When(strings.Count(text, "{code}") != 1, field, "must hold {code} once"),
		vendorkit.When(slices.ContainsFunc(braces.FindAllString(text, -1), isUnknown), field,
			"may hold {code}, {app}, {lifetime} and {minutes}, and no other braces"),
		vendorkit.When(m.App == "" && strings.Contains(text, "{app}"), field, "holds {app}, and message.app is empty"),
		vendorkit.When(units[t.language] == nil && strings.Contains(text, "{lifetime}"), field,
			"cannot have {lifetime} in this language: use {minutes}"),
	)
}

func (m Message) checkLength(field, longest string) error {
	const most = 140
	parts, characters := CountSegments(longest).Parts, utf8.RuneCountInString(longest)
	return vendorkit.First(
		vendorkit.When(parts > m.MaxSegments, field, fmt.Sprintf("may become %d segments, and max_segments is %d", parts, m.MaxSegments)),
		vendorkit.When(m.AppHash != "" && len(longest) > most, field,
			fmt.Sprintf("may become %d bytes, and Android ignores texts of more than %d", len(longest), most)),
		vendorkit.When(m.Origin != (Origin{}) && characters > most, field,
			fmt.Sprintf("may become %d characters, and browsers ignore texts of more than %d", characters, most)),
	)
}

// longest is the longest text that a template can become.
func (t template) longest(cfg Config) (longest string) {
	alphabet := digits
	if cfg.Letters {
		alphabet = letters
	}
	code := strings.Repeat(alphabet[:1], cfg.CodeLength.Max)
	// What is left of a life may be longer to say than all of it: a minute less than 24 hours is 1439
	// minutes, and a second less than 2 minutes is the most that is told in seconds.
	most := cfg.TTL.Max
	for _, life := range []time.Duration{
		most, max(most-time.Minute, time.Second), min(most, 2*time.Minute-time.Second), min(most, time.Minute-time.Second),
	} {
		if text := t.fill(code, life); len(text) > len(longest) {
			longest = text
		}
	}
	return longest
}

// fill is the whole text.
func (t template) fill(code string, life time.Duration) string {
	minutes := strconv.Itoa(int(max(life, time.Minute) / time.Minute))
	values := strings.NewReplacer("{code}", code, "{lifetime}", lifetime(t.language, life), "{minutes}", minutes)
	return values.Replace(t.text)
}

// text is the text of a verification, in the language nearest to a locale.
func (k *core) text(locale, code string, v otp.Verification) Text {
	found := k.nearest(locale)
	left := time.Until(v.ExpiresAt).Round(time.Second)
	left = min(left, v.ExpiresAt.Sub(v.SentAt)) // the clock of who made the code may be ahead
	return Text{
		To: v.To, Channel: v.Channel, Locale: found, Code: code, ExpiresAt: v.ExpiresAt,
		Body: k.messages[found].fill(code, left),
	}
}

func (k *core) nearest(locale string) string {
	if found, ok := k.caps.Channels[k.caps.Default].MatchLocale(locale); ok {
		return found
	}
	return k.config.Message.Default
}

// Segments is the size of the longest text that a request with this locale can get.
func (p *Provider) Segments(locale string) Segments {
	k := p.core()
	return CountSegments(k.messages[k.nearest(locale)].longest(k.config))
}
