package owncode

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
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

	mostSegments    = 8
	longestAutofill = 140
)

// template is one text, ready to be filled.
type template struct {
	language string // of its words; a key of units, or another
	text     string
	tail     string // the lines for machines
}

func (m Message) filled() Message {
	m.Templates = maps.Clone(m.Templates)
	if len(m.Templates) == 0 {
		m.Templates = map[string]string{"en": inEnglish}
		if m.App != "" {
			m.Templates["en"] = inEnglishOfApp
		}
	}
	if m.MaxSegments == 0 {
		m.MaxSegments = 3
	}
	features, wanted := otp.Features{Locales: m.locales()}, m.Default
	if wanted == "" {
		wanted = "en"
	}
	if found, ok := features.MatchLocale(wanted); ok {
		m.Default = found
	} else if m.Default == "" && len(features.Locales) == 1 {
		m.Default = features.Locales[0]
	}
	return m
}

func (m Message) locales() []string { return slices.Sorted(maps.Keys(m.Templates)) }

// compile checks a filled message, with the longest text that each template can become.
func (m Message) compile(cfg Config) (map[string]template, error) {
	field := func(name, rule string) error { return check.Misconfigured("message."+name, rule) }
	if rule := badText(m.App); rule != "" || strings.ContainsAny(m.App, "{}\n") {
		return nil, field("app", "must be one line without control characters and braces")
	}
	if m.MaxSegments < 1 || m.MaxSegments > mostSegments {
		return nil, field("max_segments", fmt.Sprintf("must be 1 to %d", mostSegments))
	}
	if _, ok := m.Templates[m.Default]; !ok {
		return nil, field("default", "must be the language of a template; without it one has to be English")
	}
	if rule := m.Origin.check(); rule != "" {
		return nil, field("origin", rule)
	}
	if m.AppHash != "" && !appHash.MatchString(m.AppHash) {
		return nil, field("app_hash", "must be the 11 characters of AppHash")
	}
	compiled := make(map[string]template, len(m.Templates))
	for _, locale := range m.locales() {
		t, rule := m.template(locale)
		if rule == "" {
			rule = m.checkLength(t.longest(cfg))
		}
		if rule != "" {
			return nil, field("templates."+locale, rule)
		}
		compiled[locale] = t
	}
	return compiled, nil
}

var (
	localeForm = regexp.MustCompile(`\A[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*\z`)
	braces     = regexp.MustCompile(`\{[^{}]*\}|[{}]`)
)

// template returns one template, or the rule that it breaks.
func (m Message) template(locale string) (t template, rule string) {
	text := m.Templates[locale]
	if !localeForm.MatchString(locale) {
		return t, "must be named by a BCP 47 tag"
	}
	if rule = badText(text); rule != "" {
		return t, rule
	}
	if strings.HasPrefix(text, "@") || strings.Contains(text, "\n@") {
		return t, `must not have a line that begins with "@"`
	}
	if strings.Count(text, "{code}") != 1 {
		return t, "must hold {code} once"
	}
	language, _, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(locale, "_", "-")), "-")
	for _, name := range braces.FindAllString(text, -1) {
		switch {
		case name == "{code}", name == "{minutes}":
		case name == "{app}" && m.App == "":
			return t, "holds {app}, and message.app is empty"
		case name == "{app}":
		case name == "{lifetime}" && units[language] == nil:
			return t, "cannot have {lifetime} in this language: use {minutes}"
		case name == "{lifetime}":
		default:
			return t, "may hold {code}, {app}, {lifetime} and {minutes}, and no other braces"
		}
	}
	t = template{language: language, text: strings.ReplaceAll(text, "{app}", m.App)}
	var tail []string
	if m.AppHash != "" {
		tail = append(tail, m.AppHash)
	}
	if m.Origin != (Origin{}) {
		tail = append(tail, m.Origin.line("{code}"))
	}
	if tail != nil {
		t.tail = "\n\n" + strings.Join(tail, "\n")
	}
	return t, ""
}

// badText is the rule that a text of the configuration breaks.
func badText(s string) string {
	isBad := func(r rune) bool { return unicode.IsControl(r) && r != '\n' }
	if !utf8.ValidString(s) || strings.ContainsFunc(s, isBad) {
		return "must be UTF-8 without control characters but line breaks"
	}
	return ""
}

func (m Message) checkLength(longest string) string {
	if s := CountSegments(longest); s.Parts > m.MaxSegments {
		return fmt.Sprintf("may become %d segments, and max_segments is %d", s.Parts, m.MaxSegments)
	}
	if m.AppHash != "" && len(longest) > longestAutofill {
		return fmt.Sprintf("may become %d bytes, and Android ignores texts of more than %d", len(longest), longestAutofill)
	}
	if n := utf8.RuneCountInString(longest); m.Origin != (Origin{}) && n > longestAutofill {
		return fmt.Sprintf("may become %d characters, and browsers ignore texts of more than %d", n, longestAutofill)
	}
	return ""
}

// longest is the longest text that a template can become.
func (t template) longest(cfg Config) (longest string) {
	alphabet := digits
	if cfg.Letters {
		alphabet = letters
	}
	code := strings.Repeat(alphabet[:1], cfg.CodeLength.Max)
	const awkward = 2*time.Minute - time.Second // the most seconds that are told as such
	for _, life := range []time.Duration{cfg.TTL.Min, cfg.TTL.Max, min(awkward, cfg.TTL.Max)} {
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
	return values.Replace(t.text + t.tail)
}

// text is the text of a verification, in the language nearest to a locale.
func (k *core) text(locale, code string, v otp.Verification) Text {
	found, ok := k.caps.Channels[v.Channel].MatchLocale(locale)
	if !ok {
		found = k.config.Message.Default
	}
	return Text{
		To: v.To, Channel: v.Channel, Locale: found, Code: code, ExpiresAt: v.ExpiresAt,
		Body: k.messages[found].fill(code, time.Until(v.ExpiresAt).Round(time.Second)),
	}
}

// Segments is the size of the longest text that a request with this locale can get.
func (p *Provider) Segments(locale string) Segments {
	k := p.core()
	found, ok := k.caps.Channels[k.caps.Default].MatchLocale(locale)
	if !ok {
		found = k.config.Message.Default
	}
	return CountSegments(k.messages[found].longest(k.config))
}
