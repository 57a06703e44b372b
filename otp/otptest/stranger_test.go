package otptest_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

const key = "canary/key+4711="

// careless are the mistakes that somebody may make who writes a provider. Without any it is as it
// should be.
type careless struct {
	anyStatusSends, anyStatusVerifies bool // a 2xx is enough
	looseJSON                         bool // names in any case, the last one counts, whatever stands beside
	wholeBody                         bool // without a bound
	rejectsOn                         func(status int, body string) bool
	shows                             func(err *otp.Error, body string, req *http.Request)
	retries                           func(status int, err error) bool
	follows                           bool // redirects
	certain                           func(status int, err error) otp.Outcome
	forgets                           bool // the Verification of an unknown send
	prints                            bool
	ignoresContext                    bool
	logs                              bool
	unknownReference                  bool // it does not compare the reference
	leaks                             bool // a goroutine
}

// stranger is a provider over HTTP as somebody outside of this module may write it: by hand, on
// package otp alone.
//
//	POST /send   {"to":…,"channel":…,"ttl":…,"length":…,"attempts":…,"code":…}  201 {"status":"sent","id":…}
//	POST /verify {"id":…,"code":…}                                             200 {"status":"approved","id":…}
//
// A refusal is 422 {"error":{"code":…,"message":…}}.
type stranger struct {
	careless

	caps    otp.Capabilities
	baseURL string
	client  func() *http.Client // a closure: nothing that looks at fields finds the connections
	key     func() string
	logger  *slog.Logger
}

func newStranger(mistakes careless, caps otp.Capabilities, baseURL string, opts ...otp.Option) (*stranger, error) {
	settings, err := otp.Apply(opts...)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: new(http.Transport)}
	if settings.HTTPClient != nil {
		*client = *settings.HTTPClient
	}
	if t, ok := client.Transport.(*http.Transport); ok && !mistakes.follows {
		t = t.Clone()
		t.DisableKeepAlives, t.DisableCompression, t.Protocols = true, !mistakes.wholeBody, new(http.Protocols)
		t.Protocols.SetHTTP1(true)
		if t.TLSClientConfig != nil {
			t.TLSClientConfig.NextProtos = nil
		}
		if t.DialContext == nil {
			t.DialContext = dial
		}
		client.Transport = t
	}
	return &stranger{
		careless: mistakes, caps: caps, baseURL: baseURL, logger: settings.Logger,
		client: func() *http.Client { return client }, key: func() string { return key },
	}, nil
}

// dial bounds the whole attempt: net/http goes on with TLS and proxies after the caller's deadline.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	const most = 1500 * time.Millisecond
	conn, err := (&net.Dialer{Timeout: most}).DialContext(ctx, network, address)
	if err == nil {
		err = conn.SetDeadline(time.Now().Add(most))
	}
	return conn, err
}

func (p *stranger) Name() string { return "stranger" }

func (p *stranger) Capabilities() otp.Capabilities {
	return otptest.NewProvider(otptest.WithCapabilities(p.caps)).Capabilities()
}

func (p *stranger) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if err := p.refuses("send", ctx, p.check(req)); err != nil {
		return otp.Verification{}, err
	}
	sentAt := time.Now().UTC().Round(0)
	v := otp.Verification{
		Provider: p.Name(), To: req.To, Channel: cmp.Or(req.Channel, p.caps.Default), ID: otp.RandomID(false),
		SentAt: sentAt, ExpiresAt: sentAt.Add(cmp.Or(req.TTL, otp.DefaultTTL)),
	}
	answer, err := p.post(ctx, "send", map[string]any{
		"to": req.To, "channel": v.Channel, "ttl": req.TTL / time.Second, "length": cmp.Or(req.CodeLength, len(req.Code)),
		"attempts": req.MaxAttempts, "code": req.Code,
	}, func(status int, body object) bool {
		return (status == 201 || p.anyStatusSends && status/100 == 2) && (body.text("status") == "sent" || p.anyStatusSends)
	})
	if err != nil && (otp.OutcomeOf(err) == otp.OutcomeNotSent || p.forgets) {
		return otp.Verification{}, err
	}
	v.ID = cmp.Or(answer.text("id"), v.ID)
	if err == nil && !v.CanVerify() && !p.anyStatusSends {
		err = &otp.Error{Provider: p.Name(), Op: "send", Kind: otp.ErrProtocol}
	}
	return v, err
}

func (p *stranger) check(req otp.SendRequest) error {
	if err := p.caps.Check(req); err != nil {
		return err
	}
	for _, o := range req.Options {
		if o.OTPVendor() == p.caps.Vendor {
			return &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: "options", Err: errors.New("must be ours")}
		}
	}
	return nil
}

func (p *stranger) Verify(ctx context.Context, v otp.Verification, typed string) error {
	code, err := otp.TypedCode(typed)
	switch {
	case v.Provider != p.Name():
		err = &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "provider"}
	case err == nil && !v.CanVerify():
		err = &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}
	}
	if err = p.refuses("verify", ctx, err); err != nil {
		return err
	}
	_, err = p.post(ctx, "verify", map[string]any{"id": v.ID, "code": code}, func(status int, body object) bool {
		return (status == 200 || p.anyStatusVerifies && status/100 == 2) &&
			(body.text("status") == "approved" && (p.unknownReference || body.text("id") == v.ID) || p.anyStatusVerifies)
	})
	return err
}

func (p *stranger) refuses(op string, ctx context.Context, err error) error { //nolint:revive // the order of the calls
	var refused *otp.Error
	if !errors.As(err, &refused) {
		if ctx.Err() == nil || p.ignoresContext {
			return nil
		}
		refused = &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: ctx.Err()}
		if errors.Is(ctx.Err(), context.Canceled) {
			refused.Kind = otp.ErrCanceled
		}
	}
	refused.Provider, refused.Op = p.Name(), op
	return refused
}

// post asks until it is known what became of the request, three times at most.
func (p *stranger) post(ctx context.Context, op string, body any, succeeds func(int, object) bool) (object, error) {
	if p.leaks {
		go func() { time.Sleep(3 * time.Second) }()
	}
	if p.ignoresContext {
		ctx = context.WithoutCancel(ctx)
	}
	for attempt := 1; ; attempt++ {
		answer, status, failure := p.once(ctx, op, body, succeeds)
		if failure == nil {
			return answer, nil
		}
		unreached := status == 0 && failure.Kind == otp.ErrUnavailable
		again := failure.Outcome == otp.OutcomeNotSent && (status == 429 || unreached) || p.retries != nil && p.retries(status, failure.Err)
		if !again || attempt == 3 || failure.RetryAfter > 0 || ctx.Err() != nil {
			return answer, failure
		}
	}
}

func (p *stranger) once(ctx context.Context, op string, body any, succeeds func(int, object) bool) (object, int, *otp.Error) {
	failure := &otp.Error{Provider: p.Name(), Op: op, Kind: otp.ErrUnavailable}
	encoded, _ := json.Marshal(body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.baseURL+"/"+op, bytes.NewReader(encoded))
	if err != nil {
		failure.Err = errors.New("the base URL is none")
		return nil, 0, failure
	}
	req.Header.Set("Api-Key", p.key())
	if p.logs {
		p.logger.Info("request", "header", req.Header, "body", string(encoded))
	}
	roundTrip := p.client().Transport.RoundTrip
	if p.follows {
		roundTrip = p.client().Do
	}
	resp, err := roundTrip(req)
	if err != nil {
		failure.Err = errors.New("no answer")
		if strings.Contains(err.Error(), "Proxy Authentication Required") {
			failure.Kind, failure.Outcome = otp.ErrMisconfigured, otp.OutcomeNotSent
		}
		if p.certain != nil {
			failure.Outcome = p.certain(0, err)
		}
		if p.shows != nil {
			p.shows(failure, "", req)
		}
		return nil, 0, failure
	}
	defer func() { _ = resp.Body.Close() }()
	return p.read(op, resp, failure, succeeds)
}

func (p *stranger) read(op string, resp *http.Response, failure *otp.Error, succeeds func(int, object) bool) (object, int, *otp.Error) {
	const most = 1 << 20
	var reader io.Reader = resp.Body
	if !p.wholeBody {
		reader = io.LimitReader(reader, most)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		reader = http.NoBody // it has none, and its connection heeds no context
	}
	raw, err := io.ReadAll(reader)
	if p.prints {
		fmt.Println("answer", string(raw))
	}
	if err != nil && resp.StatusCode/100 == 2 && !errors.Is(err, context.DeadlineExceeded) {
		failure.Kind = otp.ErrProtocol
		return nil, resp.StatusCode, failure
	}
	if err != nil {
		return nil, resp.StatusCode, failure
	}
	answer := strictObject(raw)
	if p.looseJSON {
		answer = looseObject(raw)
	}
	if succeeds(resp.StatusCode, answer) {
		return answer, resp.StatusCode, nil
	}
	p.classify(op, failure, resp, answer, string(raw))
	if p.shows != nil {
		p.shows(failure, string(raw), resp.Request)
	}
	return answer, resp.StatusCode, failure
}

// classify is the vendor's list of errors.
func (p *stranger) classify(op string, failure *otp.Error, resp *http.Response, answer object, raw string) {
	status := resp.StatusCode
	failure.HTTPStatus = status
	switch refusal := answer.object("error").text("code"); {
	case status == 422 && op == "verify" && rejections[refusal] != "", p.rejectsOn != nil && p.rejectsOn(status, raw):
		failure.Kind, failure.Outcome = cmp.Or(rejections[refusal], otp.ErrWrongCode), otp.OutcomeAccepted
		return
	case status == 401 || status == 403:
		failure.Kind = otp.ErrUnauthorized
	case status == 402:
		failure.Kind = otp.ErrInsufficientFunds
	case status == 429:
		failure.Kind = otp.ErrRateLimited
		if seconds, err := time.ParseDuration(resp.Header.Get("Retry-After") + "s"); err == nil && seconds > 0 {
			failure.RetryAfter = seconds
		}
	case status/100 == 3 || status == 404 || status == 407:
		failure.Kind = otp.ErrMisconfigured
	case status/100 == 2 || status == 101 || op == "verify" && status < 500 && status != 408:
		failure.Kind = otp.ErrProtocol
	case status < 500 && status != 408:
		failure.Kind = otp.ErrInvalidRequest
	}
	refused := status/100 == 4 && status != 408 && answer.text("status") == ""
	if op == "send" && refused {
		failure.Outcome = otp.OutcomeNotSent
	}
	if p.certain != nil {
		failure.Outcome = p.certain(status, nil)
	}
}

var rejections = map[string]otp.Kind{
	string(otp.ErrWrongCode): otp.ErrWrongCode, string(otp.ErrExpired): otp.ErrExpired, string(otp.ErrNotFound): otp.ErrNotFound,
	string(otp.ErrTooManyAttempts): otp.ErrTooManyAttempts, string(otp.ErrAlreadyVerified): otp.ErrAlreadyVerified,
}

// object is a JSON object.
type object map[string]json.RawMessage

// strictObject is nil for what has a name twice, or an error in it besides a status.
func strictObject(raw []byte) object {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	d := json.NewDecoder(bytes.NewReader(raw))
	if token, err := d.Token(); err != nil || token != json.Delim('{') || !json.Valid(raw) {
		return nil
	}
	o, seen := object{}, map[string]bool{}
	for d.More() && len(o) < 100 {
		name, _ := d.Token()
		var value json.RawMessage
		if d.Decode(&value) != nil || seen[strings.ToLower(name.(string))] {
			return nil
		}
		seen[strings.ToLower(name.(string))] = true
		o[name.(string)] = value
	}
	fine := func(value json.RawMessage) bool {
		return value == nil || string(value) == "null" || string(value) == "[]"
	}
	if o["status"] != nil && (!fine(o["error"]) || !fine(o["errors"])) {
		return object{"status": []byte(`"spoilt"`)}
	}
	return o
}

// looseObject reads as encoding/json does.
func looseObject(raw []byte) object {
	var loose struct {
		Status, ID string
		Error      json.RawMessage
	}
	_ = json.NewDecoder(bytes.NewReader(raw)).Decode(&loose)
	status, _ := json.Marshal(loose.Status)
	id, _ := json.Marshal(loose.ID)
	return object{"status": status, "id": id, "error": loose.Error}
}

func (o object) text(name string) string {
	var text string
	_ = json.Unmarshal(o[name], &text)
	return text
}

func (o object) object(name string) object {
	var inner object
	_ = json.Unmarshal(o[name], &inner)
	return inner
}

// vendor is what is behind a stranger: a provider in memory that is asked over HTTP.
type vendor struct {
	*httptest.Server
	memory   *otptest.Provider
	requests atomic.Int64

	mu     sync.Mutex
	status int // answered instead of the vendor's own; 0 = none
	acts   bool
}

func newVendor() *vendor {
	v := &vendor{memory: otptest.NewProvider()}
	v.Server = httptest.NewServer(v)
	return v
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.requests.Add(1)
	v.mu.Lock()
	status, acts := v.status, v.acts
	v.mu.Unlock()
	answered, body := 0, any(nil)
	if status == 0 || acts {
		answered, body = v.answer(r)
	}
	if status != 0 {
		answered, body = status, struct{}{}
	}
	w.WriteHeader(answered)
	_ = json.NewEncoder(w).Encode(body)
}

func (v *vendor) answer(r *http.Request) (int, any) {
	var asked struct {
		To, ID, Code          string
		Channel               otp.Channel
		TTL, Length, Attempts int
	}
	if r.Header.Get("Api-Key") != key || json.NewDecoder(r.Body).Decode(&asked) != nil {
		return 401, struct{}{}
	}
	var err error
	status, answer := 200, map[string]any{"status": "approved", "id": asked.ID}
	if r.URL.Path == "/send" {
		var sent otp.Verification
		sent, err = v.memory.Send(r.Context(), otp.SendRequest{
			To: asked.To, Channel: asked.Channel, TTL: time.Duration(asked.TTL) * time.Second, CodeLength: asked.Length,
			MaxAttempts: asked.Attempts, Code: asked.Code,
		})
		status, answer = 201, map[string]any{"status": "sent", "id": sent.ID}
	} else {
		err = v.memory.Verify(r.Context(), otp.Verification{Provider: v.memory.Name(), ID: asked.ID}, asked.Code)
	}
	var failure *otp.Error
	if errors.As(err, &failure) {
		return 422, map[string]any{"error": map[string]string{"code": string(failure.Kind)}}
	}
	return status, answer
}

func (v *vendor) fail(status int, acts bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.status, v.acts = status, acts
}

// account is a stranger with these mistakes, and the vendor behind it.
func account(mistakes careless) (otptest.Account, error) {
	v := newVendor()
	p, err := newStranger(mistakes, v.memory.Capabilities(), v.URL)
	a := v.memory.Account()
	a.Provider, a.Secrets, a.Close = p, []string{key}, v.Close
	a.Requests = func() int { return int(v.requests.Load()) }
	fault := func(name string, status int, acts bool) otptest.Fault {
		return otptest.Fault{Name: name, Acts: acts, Start: func() { v.fail(status, acts) }, Stop: func() { v.fail(0, false) }}
	}
	a.Faults = []otptest.Fault{
		fault("401", 401, false), fault("500", 500, false), fault("500 after accepting", 500, true),
		fault("an empty object", 200, true), fault("204", 204, true),
	}
	return a, err
}

// faultHarness is how the fault table gets at such a stranger.
func faultHarness(mistakes careless) otptest.FaultHarness {
	const id = "4d3d0959-805e-43fa-bece-5815ce0795a2"
	return otptest.FaultHarness{
		Open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return newStranger(mistakes, otptest.NewProvider().Capabilities(), baseURL, opts...)
		},
		Request:      otp.SendRequest{To: phone, Code: "87654321"},
		Sent:         otptest.Answer{Status: 201, Body: `{"status":"sent","id":"` + id + `"}`},
		Verification: otp.Verification{ID: id, To: phone},
		Code:         "87654321",
		Verified:     otptest.Answer{Status: 200, Body: `{"status":"approved","id":"` + id + `"}`},
		Refusal:      `{"error":{"code":"%s","message":"%s"}}`,
		Secrets:      []string{key},
	}
}
