package main

import (
	"errors"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// object is one of an HTTP archive, HAR 1.2. What the format demands and nobody records is empty.
type object = map[string]any

// redacted is the archive of some exchanges, in which placeholders stand for keys, numbers, codes and references.
func redacted(exchanges []exchange, p *placeholders) (object, error) {
	if len(exchanges) == 0 {
		return nil, errors.New("nothing was recorded: the provider has a transport of its own, or refused before it asked anybody")
	}
	for _, x := range exchanges { // all of them first: what one shows as a secret may stand anywhere in another
		p.collect(x)
	}
	var entries []object
	for _, x := range exchanges {
		entry, err := p.entry(x)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return object{"log": object{"version": "1.2", "creator": object{"name": "otpctl", "version": version()}, "entries": entries}}, nil
}

var segment = regexp.MustCompile(`\{[a-z]+\}`)

func (p *placeholders) entry(x exchange) (object, error) {
	base, template, ok := templateOf(x.request.URL.Path)
	if !ok || x.request.URL.RawQuery != "" {
		return nil, errors.New("a request was made that otpctl cannot redact; nothing is written")
	}
	milliseconds := float64(x.took.Microseconds()) / 1000
	request := p.message(x.request.Header, x.sent, "postData")
	request["method"] = x.request.Method
	request["url"] = x.request.URL.Scheme + "://" + x.request.URL.Host + base + segment.ReplaceAllString(template, "account-1")
	request["queryString"] = []object{}
	answer := http.Response{} // there was none: status 0
	if x.response != nil {
		answer = *x.response
	}
	response := p.message(answer.Header, x.received, "content")
	response["status"], response["statusText"], response["redirectURL"] = answer.StatusCode, http.StatusText(answer.StatusCode), ""
	return object{
		"startedDateTime": x.start.UTC(), "time": milliseconds, "_template": template, "request": request, "response": response,
		"cache": object{}, "timings": object{"send": 0, "wait": milliseconds, "receive": 0},
	}, nil
}

// message is what requests and answers have in common. content is what the format calls the body.
func (p *placeholders) message(header http.Header, body []byte, content string) object {
	headers := []object{}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		value := redact.Masked
		if isHarmless(name) {
			value = p.text(strings.Join(header[name], ", "))
		}
		headers = append(headers, object{"name": name, "value": value})
	}
	return object{
		"httpVersion": "HTTP/1.1", "headers": headers, "cookies": []object{}, "headersSize": -1, "bodySize": len(body),
		content: object{"size": len(body), "mimeType": header.Get("Content-Type"), "text": p.text(string(body))},
	}
}

// isHarmless reports whether a header says nothing about the account or a person.
func isHarmless(name string) bool {
	return slices.Contains([]string{
		"Accept", "Accept-Encoding", "Allow", "Connection", "Content-Length", "Content-Type", "Date", "Retry-After", "User-Agent",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset",
	}, name)
}
