package vendorkit_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// order is a small vendor's own request.
type order struct {
	To, Locale, Extra string
	Length            int
	TTL               time.Duration
}

// spec is a small vendor: a send is answered with {"ok":true,"id":"…"}, a right code with
// {"ok":true}.
func spec(seen *order) vendorkit.Spec[order] {
	ok := func(a vendorkit.Answer) bool {
		object, err := a.Object()
		if err != nil || string(object.Get("ok")) != "true" {
			return false
		}
		a.Sent(object.Text("id"), 0)
		return true
	}
	reference := func(a vendorkit.Answer) vendorkit.Failure {
		object, _ := a.Object()
		a.Sent(object.Text("id"), time.Minute)
		return vendorkit.Failure{Message: object.Text("message")}
	}
	return vendorkit.Spec[order]{
		Config: vendorkit.Config{
			Vendor: "vendor", BaseURL: base,
			Credentials: []vendorkit.Credential{{Field: "api_key", Header: "X-Key", Value: canary}},
		},
		Capabilities: otp.Capabilities{Vendor: "vendor", Default: otp.SMS, Channels: map[otp.Channel]otp.Features{
			otp.SMS: {
				CodeLength: otp.Range[int]{Min: 7, Max: 9}, TTL: otp.Range[time.Duration]{Min: time.Second, Max: time.Minute},
				OwnCode: true, Locales: []string{"de_DE", "en"},
			},
			otp.Voice: {},
		}},
		Request: func(req otp.SendRequest) (order, error) {
			return order{To: req.To, Locale: req.Locale, Length: req.CodeLength, TTL: req.TTL}, nil
		},
		Send: func(o order) vendorkit.Call {
			*seen = o
			return vendorkit.Call{Path: "/send", Body: o, TTL: o.TTL, Success: ok, Failure: reference}
		},
		Verify: func(v otp.Verification, code string) vendorkit.Call {
			return vendorkit.Call{Path: "/verify/{id}", Segments: []string{v.ID}, Body: code, Success: ok, Failure: reference}
		},
		CanBeCode: func(code string) bool { return len(code) >= 7 },
	}
}

func provider(t *testing.T, r http.RoundTripper, seen *order, change ...func(*vendorkit.Spec[order])) *vendorkit.Provider[order] {
	t.Helper()
	s := spec(seen)
	for _, c := range change {
		c(&s)
	}
	p, err := vendorkit.NewProvider(s, through(r), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return p
}

func answering(status int, body string) *recorder {
	return &recorder{answer: func(int) *http.Response { return response(status, body, nil) }}
}

func TestRequestIsFilledIn(t *testing.T) {
	for _, test := range []struct {
		req  otp.SendRequest
		want order
	}{
		{otp.SendRequest{}, order{Length: 7, TTL: time.Minute}},
		{otp.SendRequest{CodeLength: 9, TTL: 2 * time.Second, Locale: "de"}, order{Locale: "de_DE", Length: 9, TTL: 2 * time.Second}},
		{otp.SendRequest{Locale: "fr-FR", Code: "12345678"}, order{TTL: time.Minute}},
		{otp.SendRequest{Channel: otp.Voice, Locale: "de"}, order{}},
	} {
		var seen order
		p := provider(t, answering(200, `{"ok":true,"id":"4711"}`), &seen)
		test.req.To, test.want.To = number, number
		v, err := p.Send(t.Context(), test.req)
		require.NoError(t, err)
		assert.Equal(t, test.want, seen)
		assert.Equal(t, "4711", v.ID)
		assert.Equal(t, seen.TTL, v.ExpiresAt.Sub(v.SentAt)*min(1, seen.TTL))
	}
}

func TestVerificationOfASend(t *testing.T) {
	var seen order
	for name, test := range map[string]struct {
		answer      *recorder
		outcome     otp.Outcome
		id          string // "" = a random one
		byReference bool
		canVerify   bool
		lives       time.Duration
	}{
		"a success":                {answering(200, `{"ok":true,"id":"4711"}`), otp.OutcomeAccepted, "4711", true, true, time.Minute},
		"a success without an id":  {answering(200, `{"ok":true}`), otp.OutcomeAccepted, "", false, true, time.Minute},
		"an id that is none":       {answering(200, `{"ok":true,"id":"a b"}`), otp.OutcomeAccepted, "", false, true, time.Minute},
		"an id with our mark":      {answering(200, `{"ok":true,"id":"otp-lost-1"}`), otp.OutcomeAccepted, "", false, true, time.Minute},
		"a 500 with the id":        {answering(500, `{"id":"4711"}`), otp.OutcomeUnknown, "4711", true, true, time.Minute},
		"a 500":                    {answering(500, ``), otp.OutcomeUnknown, "", false, true, time.Minute},
		"a 500, by id alone":       {answering(500, ``), otp.OutcomeUnknown, "", true, false, time.Minute},
		"a success that is spoilt": {answering(200, `{"ok":true,"id":"1"`), otp.OutcomeUnknown, "", true, false, time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			p := provider(t, test.answer, &seen, func(s *vendorkit.Spec[order]) { s.ByReferenceOnly = test.byReference })
			v, err := p.Send(t.Context(), otp.SendRequest{To: number})
			assert.Equal(t, test.outcome, otp.OutcomeOf(err))
			assert.Equal(t, []any{"vendor", number, otp.SMS}, []any{v.Provider, v.To, v.Channel})
			assert.Equal(t, test.id != "", v.HasReference())
			if test.id != "" {
				assert.Equal(t, test.id, v.ID)
			}
			assert.Equal(t, test.canVerify, v.CanVerify())
			assert.Equal(t, time.UTC, v.SentAt.Location())
			assert.WithinDuration(t, time.Now(), v.SentAt, time.Second)
			assert.Equal(t, test.lives, v.ExpiresAt.Sub(v.SentAt))

			requests := len(test.answer.requests)
			err = p.Verify(t.Context(), v, "1234567")
			if !test.canVerify {
				require.ErrorIs(t, err, otp.ErrUnavailable)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
				assert.Len(t, test.answer.requests, requests)
			}
		})
	}
	p := provider(t, answering(400, `{"id":"4711"}`), &seen)
	v, err := p.Send(t.Context(), otp.SendRequest{To: number})
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.True(t, v.IsZero())
}

func TestPortableCallsRefuseBeforeTheNetwork(t *testing.T) {
	var seen order
	r := answering(200, `{"ok":true}`)
	p := provider(t, r, &seen)
	v := otp.Verification{Provider: "vendor", ID: "1", To: number}
	foreign := v
	foreign.Provider = "other"
	nobody := v
	nobody.To = "+1,+2"
	for name, test := range map[string]struct {
		err   error
		kind  otp.Kind
		op    string
		field string
	}{
		"a recipient":    {second(p.Send(t.Context(), otp.SendRequest{To: "+1,+2"})), otp.ErrInvalidRecipient, "send", "to"},
		"a channel":      {second(p.Send(t.Context(), otp.SendRequest{To: number, Channel: "pigeon"})), otp.ErrUnsupported, "send", "channel"},
		"an option":      {second(p.Send(t.Context(), otp.SendRequest{To: number, Options: []otp.SendOption{extra("")}})), otp.ErrInvalidRequest, "send", "extra"},
		"an impostor":    {second(p.Send(t.Context(), otp.SendRequest{To: number, Options: []otp.SendOption{impostor{}}})), otp.ErrInvalidRequest, "send", "options"},
		"a panic":        {second(p.Send(t.Context(), otp.SendRequest{To: number, Options: []otp.SendOption{panics{}}})), otp.ErrInvalidRequest, "send", ""},
		"no context":     {second(p.Send(nil, otp.SendRequest{To: number})), otp.ErrInvalidRequest, "send", "ctx"}, //nolint:staticcheck // to see that it does not panic
		"another's":      {p.Verify(t.Context(), foreign, "1234567"), otp.ErrMisconfigured, "verify", "provider"},
		"two recipients": {p.Verify(t.Context(), nobody, "1234567"), otp.ErrInvalidRecipient, "verify", "to"},
		"no code":        {p.Verify(t.Context(), v, " "), otp.ErrWrongCode, "verify", "code"},
		"no such code":   {p.Verify(t.Context(), v, "12 34 56"), otp.ErrWrongCode, "verify", "code"},
	} {
		failure := requireFailure(t, test.err)
		assert.Equal(t, test.kind, failure.Kind, name)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, name)
		assert.Equal(t, []string{"vendor", test.op, test.field}, []string{failure.Provider, failure.Op, failure.Field}, name)
	}
	assert.Empty(t, r.requests)
}

func second[T any](_ T, err error) error { return err }

func extra(text string) otp.SendOption {
	return vendorkit.Option("vendor", func(o *order) error {
		o.Extra = text
		return vendorkit.Required("extra", text)
	})
}

type impostor struct{}

func (impostor) OTPVendor() string { return "vendor" }

type panics struct{}

func (panics) OTPVendor() string { panic(canary) }

func TestNumberAndCodeAreMaskedUnasked(t *testing.T) {
	var seen order
	echo := answering(400, `{"message":"no `+number+`, 532 123 45 67 and 98765432"}`)
	p := provider(t, echo, &seen)
	for _, err := range []error{
		second(p.Send(t.Context(), otp.SendRequest{To: number, Code: "98765432"})),
		p.Verify(t.Context(), otp.Verification{Provider: "vendor", ID: "1", To: number}, "9876-5432"),
	} {
		assert.Equal(t, "no [redacted] and [redacted]", requireFailure(t, err).Message)
	}
}

func TestCapabilitiesAreCopies(t *testing.T) {
	var seen order
	p := provider(t, answering(200, ""), &seen)
	caps := p.Capabilities()
	caps.Channels[otp.SMS].Locales[0] = "changed"
	delete(caps.Channels, otp.Voice)
	assert.Equal(t, "de_DE", p.Capabilities().Channels[otp.SMS].Locales[0])
	assert.Contains(t, p.Capabilities().Channels, otp.Voice)
}

func TestSpecWithoutAPartIsRefused(t *testing.T) {
	for field, change := range map[string]func(*vendorkit.Spec[order]){
		"request":      func(s *vendorkit.Spec[order]) { s.Request = nil },
		"send":         func(s *vendorkit.Spec[order]) { s.Send = nil },
		"verify":       func(s *vendorkit.Spec[order]) { s.Verify = nil },
		"capabilities": func(s *vendorkit.Spec[order]) { s.Capabilities.Channels = nil },
		"vendor":       func(s *vendorkit.Spec[order]) { s.Config.Vendor = "" },
		"api_key":      func(s *vendorkit.Spec[order]) { s.Config.Credentials[0].Value = "" },
		"base_url":     func(s *vendorkit.Spec[order]) { s.Config.BaseURL = "http://vendor.example" },
		"sid":          func(s *vendorkit.Spec[order]) { s.Invalid = vendorkit.Required("sid", "") },
	} {
		var seen order
		s := spec(&seen)
		change(&s)
		_, err := vendorkit.NewProvider(s)
		failure := requireFailure(t, err)
		assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
		assert.Equal(t, field, failure.Field)
		assert.Equal(t, "new", failure.Op)
		assert.False(t, strings.Contains(err.Error(), "vendor.example"))
	}
}

// TestProviderIsFoundByEverything uses the skeleton as routers and programs do.
func TestPanicOfAVendorIsARefusal(t *testing.T) {
	for name, change := range map[string]func(*vendorkit.Spec[order]){
		"request": func(s *vendorkit.Spec[order]) { s.Request = func(otp.SendRequest) (order, error) { panic(canary) } },
		"send":    func(s *vendorkit.Spec[order]) { s.Send = func(order) vendorkit.Call { panic(canary) } },
		"verify": func(s *vendorkit.Spec[order]) {
			s.Verify = func(otp.Verification, string) vendorkit.Call { panic(canary) }
		},
		"can be code": func(s *vendorkit.Spec[order]) { s.CanBeCode = func(string) bool { panic(canary) } },
	} {
		var seen order
		p := provider(t, answering(500, ""), &seen, change)
		_, err := p.Send(t.Context(), otp.SendRequest{To: number})
		if name == "verify" || name == "can be code" {
			err = p.Verify(t.Context(), otp.Verification{Provider: p.Name(), To: number, ID: "1"}, "439713")
		}
		assert.Equal(t, otp.OutcomeNotSent, requireFailure(t, err).Outcome, name)
	}
}

func TestProviderIsFoundByEverything(t *testing.T) {
	var seen order
	var p otp.Provider = provider(t, answering(200, `{"ok":true,"id":"4711"}`), &seen)
	require.NoError(t, otp.CanSend(p, otp.SendRequest{To: number}))
	require.ErrorIs(t, otp.CanSend(p, otp.SendRequest{To: number, Channel: "pigeon"}), otp.ErrUnsupported)
	v, err := p.Send(context.Background(), otp.SendRequest{To: number})
	require.NoError(t, err)
	require.NoError(t, p.Verify(context.Background(), v, "１２３ 4567"))
}
