package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/hypersender"
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

// exchange is one request and its answer, as they were.
type exchange struct {
	start    time.Time
	took     time.Duration
	request  *http.Request
	sent     []byte
	response *http.Response // nil = there was none
	received []byte
}

// recorder is a transport that keeps what it carries.
type recorder struct {
	mu        sync.Mutex
	exchanges []exchange
}

const maxRecorded = 1 << 20 // bytes of one body

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
		x.received, err = io.ReadAll(io.LimitReader(resp.Body, maxRecorded))
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
