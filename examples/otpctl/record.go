package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

func (o *options) recordFlags(flags *flag.FlagSet) {
	o.requestFlags(flags)
	flags.StringVar(&o.output, "o", "", "the `file` to write, which must not exist yet")
}

// record sends a code, verifies it, and writes what went over the wire.
func record(ctx context.Context, o *options, args []string) (err error) {
	request, err := o.to(args[0])
	if err != nil {
		return err
	}
	if o.output == "" {
		return usagef("name the file to write: -o recording.har")
	}
	tape := new(recorder)
	_, provider, err := o.load(otp.WithHTTPClient(&http.Client{Transport: tape}))
	if err != nil {
		return err
	}
	file, err := os.OpenFile(o.output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return usagef("the file to write cannot be made: %v", err)
	}
	typed, err := sendAndVerify(ctx, o, provider, request)
	code, _ := otp.TypedCode(typed) // as it was sent; what cannot be a code was not
	archive, failed := redacted(tape.exchanges, privateOf(provider, request.To, code))
	if failed == nil {
		encoder := json.NewEncoder(file)
		encoder.SetIndent("", "  ")
		encoder.SetEscapeHTML(false)
		failed = encoder.Encode(archive)
	}
	if failed = errors.Join(failed, file.Close()); failed != nil {
		_ = os.Remove(o.output) // it holds nothing of use
		return errors.Join(err, failed)
	}
	fmt.Fprintf(o.notes, "recorded: %d requests in %s\n", len(tape.exchanges), o.output)
	return err
}

// sendAndVerify returns the code that was typed, also when it was wrong.
func sendAndVerify(ctx context.Context, o *options, provider otp.Provider, request otp.SendRequest) (code string, err error) {
	v, err := o.send(ctx, provider, request)
	if err != nil {
		return "", err
	}
	if code, err = o.ask(ctx, "code: "); err != nil {
		return "", err
	}
	return code, o.verify(ctx, provider, v, code)
}

// privateOf is what a recording must not show, as far as it is known beforehand.
func privateOf(provider otp.Provider, number, code string) *placeholders {
	p := newPlaceholders(number, code)
	for _, leaf := range tree.Leaves(provider) {
		switch client := leaf.(type) {
		case *kaleyra.Client:
			p.add(client.SID(), "account")
		case *hypersender.Client:
			p.add(client.Instance(), "account")
		}
	}
	return p
}

type exchange struct {
	start    time.Time
	took     time.Duration
	request  *http.Request
	sent     []byte
	response *http.Response // nil = there was none
	received []byte
}

type recorder struct {
	mu        sync.Mutex
	exchanges []exchange
}

// RoundTrip reads both bodies to their end, so that it can keep them.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchange{start: time.Now(), request: req}
	if req.Body != nil {
		var err error
		if x.sent, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
		_ = req.Body.Close() // all of it was read
	}
	out := req.Clone(req.Context())
	out.Body = io.NopCloser(bytes.NewReader(x.sent))
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}
	resp, err := transport.RoundTrip(out)
	if err == nil {
		x.received, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		_ = resp.Body.Close() // what is kept was read
		resp.Body = io.NopCloser(bytes.NewReader(x.received))
		x.response = resp
	}
	x.took = time.Since(x.start)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.exchanges = append(r.exchanges, x)
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// templates are the calls that send and verify, below the base URLs.
const templates = `/v1/generate /v1/check
	/v1/{sid}/verify/validate /v1/{sid}/verify /v1/{sid}/sms
	/{instance}/request-code /{instance}/validate-code /{instance}/send-text
	/service/otp/generate /service/otp/validate /sms-campaign/send`

// templateOf finds the template of a path, and what stands before it.
func templateOf(path string) (base, template string, ok bool) {
	got := strings.Split(path, "/")
	for _, template := range strings.Fields(templates) {
		want := strings.Split(template, "/")[1:]
		if len(got) <= len(want) {
			continue
		}
		tail, matches := got[len(got)-len(want):], true
		for i := range want {
			matches = matches && (tail[i] == want[i] || strings.HasPrefix(want[i], "{"))
		}
		if matches {
			return strings.Join(got[:len(got)-len(want)], "/"), template, true
		}
	}
	return "", "", false
}

// object is one of an HTTP archive, HAR 1.2. What the format demands and nobody records is empty.
type object = map[string]any

// redacted is the archive of some exchanges, in which placeholders stand for keys, numbers, codes
// and references.
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

func isHarmless(name string) bool {
	return slices.Contains([]string{
		"Accept", "Accept-Encoding", "Allow", "Connection", "Content-Length", "Content-Type", "Date", "Retry-After", "User-Agent",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset",
	}, name)
}
