package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// The parts of an HTTP archive, HAR 1.2. What the format demands and nobody records is empty.
type (
	har struct {
		Log harLog `json:"log"`
	}
	harLog struct {
		Version string     `json:"version"`
		Creator harName    `json:"creator"`
		Entries []harEntry `json:"entries"`
	}
	harName struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	harEntry struct {
		Started  time.Time   `json:"startedDateTime"`
		Time     float64     `json:"time"` // milliseconds
		Template string      `json:"_template"`
		Request  harRequest  `json:"request"`
		Response harResponse `json:"response"`
		Cache    struct{}    `json:"cache"`
		Timings  harTimings  `json:"timings"`
	}
	harRequest struct {
		Method string      `json:"method"`
		URL    string      `json:"url"`
		Post   *harContent `json:"postData,omitempty"`
		harMessage

		QueryString []harPair `json:"queryString"`
	}
	harResponse struct {
		Status     int        `json:"status"` // 0 = there was no answer
		StatusText string     `json:"statusText"`
		Content    harContent `json:"content"`
		harMessage

		RedirectURL string `json:"redirectURL"`
	}
	harMessage struct {
		HTTPVersion string    `json:"httpVersion"`
		Headers     []harPair `json:"headers"`
		Cookies     []harPair `json:"cookies"`
		HeadersSize int       `json:"headersSize"` // -1 = not known
		BodySize    int       `json:"bodySize"`
	}
	harPair struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MimeType string `json:"mimeType"`
		Text     string `json:"text"`
	}
	harTimings struct {
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
)

// redacted is the archive of some exchanges, in which placeholders stand for keys, numbers, codes and references.
func redacted(exchanges []exchange, p *placeholders) (har, error) {
	if len(exchanges) == 0 {
		return har{}, errors.New("nothing was recorded: the provider has a transport of its own, or refused before it asked anybody")
	}
	for _, x := range exchanges { // all of them first: what one shows as a secret may stand anywhere in another
		p.collect(x)
	}
	maps.DeleteFunc(p.stand, func(value, stand string) bool { return p.public[value] && strings.HasPrefix(stand, "id-") })
	archive := har{harLog{Version: "1.2", Creator: harName{"otpctl", version()}}}
	for _, x := range exchanges {
		entry, err := p.entry(x)
		if err != nil {
			return har{}, err
		}
		archive.Log.Entries = append(archive.Log.Entries, entry)
	}
	return archive, nil
}

func (p *placeholders) entry(x exchange) (e harEntry, err error) {
	base, template, ok := templateOf(x.request.URL.Path)
	if !ok || x.request.URL.RawQuery != "" {
		return e, errors.New("a request was made that otpctl cannot redact; nothing is written")
	}
	milliseconds := float64(x.took.Microseconds()) / 1000
	e = harEntry{Started: x.start.UTC(), Time: milliseconds, Template: template, Timings: harTimings{Wait: milliseconds}}
	e.Request.Method = x.request.Method
	e.Request.URL = x.request.URL.Scheme + "://" + x.request.URL.Host + base + segment.ReplaceAllString(template, "account-1")
	e.Request.QueryString = []harPair{}
	e.Request.harMessage = p.message("HTTP/1.1", x.request.Header, x.sent)
	if len(x.sent) > 0 {
		e.Request.Post = &harContent{len(x.sent), x.request.Header.Get("Content-Type"), p.text(string(x.sent))}
	}
	if x.response == nil {
		e.Response.harMessage = p.message("", nil, nil)
		return e, nil
	}
	e.Response.Status, e.Response.StatusText = x.response.StatusCode, http.StatusText(x.response.StatusCode)
	e.Response.harMessage = p.message(x.response.Proto, x.response.Header, x.received)
	e.Response.Content = harContent{len(x.received), x.response.Header.Get("Content-Type"), p.text(string(x.received))}
	return e, nil
}

var segment = regexp.MustCompile(`\{[a-z]+\}`)

func (p *placeholders) message(proto string, header http.Header, body []byte) harMessage {
	m := harMessage{HTTPVersion: proto, Headers: []harPair{}, Cookies: []harPair{}, HeadersSize: -1, BodySize: len(body)}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		value := redact.Masked
		if isHarmless(name) {
			value = p.text(strings.Join(header[name], ", "))
		}
		m.Headers = append(m.Headers, harPair{name, value})
	}
	return m
}

// isHarmless reports whether a header says nothing about the account or a person.
func isHarmless(name string) bool {
	return slices.Contains([]string{
		"Accept", "Accept-Encoding", "Allow", "Connection", "Content-Length", "Content-Type", "Date", "Retry-After", "User-Agent",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset",
	}, name)
}

// placeholders stand for what is private, the same one for the same value everywhere. They have the form of what they
// stand for, so that a client can read a recording.
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

// add chooses a placeholder for a value.
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

	// harmless are the members of bodies whose texts say nothing about the account or a person. The text of any other
	// member is taken for a reference.
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

// text puts placeholders into a text. What is found in another spelling all the same is masked.
func (p *placeholders) text(text string) string {
	values := slices.Collect(maps.Keys(p.stand))
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) }) // a part of a secret would hide the rest of it
	var pairs []string
	for _, value := range values {
		pairs = append(pairs, value, p.stand[value])
	}
	text = strings.NewReplacer(pairs...).Replace(text)
	return redact.NewMasker(values, p.code, p.number).Text(text)
}
