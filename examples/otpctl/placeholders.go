package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// placeholders stand for what is private, in its form, the same one for the same value everywhere.
type placeholders struct {
	number, code string
	stand        map[string]string // by the value
	counts       map[string]int    // of each kind
	public       map[string]bool   // texts of harmless members, "sms": no reference, wherever else they stand
}

func newPlaceholders(number, code string) *placeholders {
	p := &placeholders{
		number: number, code: code, stand: make(map[string]string), counts: make(map[string]int), public: make(map[string]bool),
	}
	p.add(strings.TrimPrefix(number, "+"), "number")
	p.add(code, "code")
	return p
}

func (p *placeholders) add(value, kind string) {
	if _, known := p.stand[value]; known || len(value) < 3 {
		return
	}
	p.counts[kind]++
	n := p.counts[kind]
	switch {
	case kind == "number": // reserved for fiction
		p.stand[value] = fmt.Sprintf("120255501%02d", n%100)
	case kind == "code": // no zero at its start: a vendor may want it as a number
		p.stand[value] = fmt.Sprintf("9%0*d", len(value)-1, n)
	case isUUID.MatchString(value):
		p.stand[value] = fmt.Sprintf("00000000-0000-4000-8000-%012d", n)
	default:
		p.stand[value] = fmt.Sprintf("%s-%d", kind, n)
	}
}

var (
	isUUID = regexp.MustCompile(`\A[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\z`)

	// harmless are the members whose texts say nothing about an account or a person. Others are
	// references.
	harmless = regexp.MustCompile(`(?i)\A(channel|locale|status|message|type|parameter|field|otp_type|reference|(date|expires|created|validated|updated)[-_a-z]*|voice_.*)\z`)

	isCode   = regexp.MustCompile(`(?i)\A(code|otp|custom-code)\z`)
	isNumber = regexp.MustCompile(`(?i)\A(to|mobile|phone_?number|chat_?id|jid|recipient)\z`)
)

// collect adds what an exchange shows: keys in headers, references and codes in bodies.
func (p *placeholders) collect(x exchange) {
	for name, values := range x.request.Header {
		for _, value := range values {
			if !isHarmless(name) {
				p.add(value, "key")
				p.add(strings.TrimPrefix(value, "Bearer "), "key")
			}
		}
	}
	for _, body := range [][]byte{x.sent, x.received} {
		var value any
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		if decoder.Decode(&value) == nil {
			p.collectValue("", value)
		}
	}
}

func (p *placeholders) collectValue(name string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for member, inner := range value {
			p.collectValue(member, inner)
		}
	case []any:
		for _, item := range value {
			p.collectValue(name, item)
		}
	case json.Number:
		if isCode.MatchString(name) && len(value) > 3 { // a shorter one is a result
			p.add(value.String(), "code")
		}
	case string:
		p.collectText(name, value)
	}
}

func (p *placeholders) collectText(name, text string) {
	digits := strings.TrimLeft(text[:len(text)-len(strings.TrimLeft(text, "+0123456789"))], "+")
	switch {
	case isCode.MatchString(name) && !strings.HasPrefix(text, "E"): // Kaleyra calls its errors E912
		if len(text) > 3 {
			p.add(text, "code")
		}
	case isNumber.MatchString(name) && len(digits) > 6:
		p.add(digits, "number")
	case harmless.MatchString(name):
		p.public[text] = true
	case !isCode.MatchString(name):
		p.add(text, "id")
	}
}

// text puts placeholders into a text. What is in it in another spelling is masked.
func (p *placeholders) text(text string) string {
	var values []string
	for value, stand := range p.stand {
		if !p.public[value] || !strings.HasPrefix(stand, "id-") {
			values = append(values, value)
		}
	}
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) }) // a part of a secret would hide the rest of it
	var pairs []string
	for _, value := range values {
		pairs = append(pairs, value, p.stand[value])
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	return redact.NewMasker(values, p.code, p.number).Text(text)
}
