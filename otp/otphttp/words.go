package otphttp

import (
	_ "embed" // english.json
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

//go:embed english.json
var english []byte

// English returns what a person reads, by key: after "send.", "resend." and "verify." what
// happened, after "note." what is under way, after "input." what is wrong with a request, and parts
// of pages. It is what other languages start from; see [Config.Words].
//
// No word in a text changes with a number, so that no language needs forms of the plural. {wait} is
// a time, "30 s" or "5 min", {attempts} a number, and {seconds} is filled in by the page.
func English() map[string]string {
	var texts map[string]string
	_ = json.Unmarshal(english, &texts) // a test reads it
	return texts
}

// language is one language's texts.
type language struct {
	tag   string // "en"
	texts map[string]string
}

var placeholder = regexp.MustCompile(`\{\w*\}`)

// complete adds what words leave out, by lower-case tag. Broken is the rule that they break, if
// any.
func complete(words map[string]map[string]string) (all map[string]map[string]string, broken string) {
	base := English()
	all = map[string]map[string]string{"en": base}
	for tag, texts := range words {
		all[strings.ToLower(tag)] = maps.Clone(base)
		for key, text := range texts {
			want, got := placeholder.FindAllString(base[key], -1), placeholder.FindAllString(text, -1)
			if base[key] == "" || text == "" || !slices.Equal(want, got) {
				return nil, fmt.Sprintf("%s %q must be a key of English with the same placeholders", tag, key)
			}
			all[strings.ToLower(tag)][key] = text
		}
	}
	return all, ""
}

// preferred are the languages of a browser, in the order of Accept-Language.
func preferred(r *http.Request) []string {
	tags := strings.SplitN(r.Header.Get("Accept-Language"), ",", 10)
	for i, tag := range tags {
		tag, _, _ = strings.Cut(tag, ";")
		tags[i] = strings.TrimSpace(tag)
	}
	return tags
}

func (h *handler) language(r *http.Request) language {
	for _, tag := range preferred(r) {
		tag = strings.ToLower(tag)
		base, _, _ := strings.Cut(tag, "-")
		for _, near := range []string{tag, base} {
			if texts := h.languages[near]; texts != nil {
				return language{near, texts}
			}
		}
	}
	return language{"en", h.languages["en"]}
}

// text is what p says to a person.
func (p *problem) text(l language) string {
	text := l.texts[p.stage+"."+p.words]
	if text == "" { // "send again" says most in the words of a send
		text = l.texts["send."+p.words]
	}
	if p.words == "wrong_code" && p.AttemptsLeft != nil {
		text += " " + strings.ReplaceAll(l.texts["attempts"], "{attempts}", fmt.Sprint(*p.AttemptsLeft))
	}
	if p.RetryAfter > 0 && p.Challenge == 0 && !p.spent() {
		wait := fmt.Sprintf("%d s", p.RetryAfter) // as most languages write it
		if p.RetryAfter > 90 {
			wait = fmt.Sprintf("%d min", (p.RetryAfter+59)/60)
		}
		text += " " + strings.ReplaceAll(l.texts["wait"], "{wait}", wait)
	}
	return text
}
