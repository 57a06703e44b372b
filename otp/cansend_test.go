package otp_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// vendor is a provider that sends by itself. It counts how often it is asked what it can do.
type vendor struct {
	name  string
	caps  otp.Capabilities
	asked int
}

func (v *vendor) Name() string { return v.name }

func (v *vendor) Capabilities() otp.Capabilities {
	v.asked++
	return v.caps
}

func (v *vendor) Send(context.Context, otp.SendRequest) (otp.Verification, error) {
	panic("asking makes no request")
}

func (v *vendor) Verify(context.Context, otp.Verification, string) error {
	panic("asking makes no request")
}

// by is a vendor that sends by these channels, the first by default.
func by(name string, channels ...otp.Channel) *vendor {
	caps := otp.Capabilities{Vendor: name, Default: channels[0], Channels: map[otp.Channel]otp.Features{}}
	for _, channel := range channels {
		caps.Channels[channel] = otp.Features{}
	}
	return &vendor{name: name, caps: caps}
}

// wrapper is what a user writes around providers: Unwrap alone. Its own capabilities say nothing.
type wrapper struct {
	vendor
	children []otp.Provider
}

func (w *wrapper) Unwrap() []otp.Provider { return w.children }

func around(children ...otp.Provider) *wrapper {
	return &wrapper{vendor: vendor{name: "wrapper"}, children: children}
}

// selector is a wrapper that sends through its first provider only.
type selector struct {
	wrapper
	err error
}

func (s *selector) Senders(otp.SendRequest) ([]otp.Provider, error) { return s.children[:1], s.err }

// checker is a vendor that knows by itself what it can send.
type checker struct {
	vendor
	err     error
	checked int
}

func (c *checker) CanSend(otp.SendRequest) error {
	c.checked++
	return c.err
}

var (
	_ otp.Wrapper     = (*wrapper)(nil)
	_ otp.Selector    = (*selector)(nil)
	_ otp.SendChecker = (*checker)(nil)
)

func bySMS() otp.SendRequest { return otp.SendRequest{To: number, Channel: otp.SMS} }

func requireCannot(t *testing.T, p otp.Provider, req otp.SendRequest, want otp.Error) {
	t.Helper()
	err := otp.CanSend(p, req)
	refused, ok := err.(*otp.Error) //nolint:errorlint // that it is one is promised
	require.True(t, ok, "%T", err)
	want.Op, want.Outcome, want.Err = "send", otp.OutcomeNotSent, refused.Err
	assert.Equal(t, &want, refused)
}

func TestCanSendAsksTheLeaves(t *testing.T) {
	sms, voice := by("sms", otp.SMS), by("voice", otp.Voice)
	for name, p := range map[string]otp.Provider{
		"itself":                          sms,
		"a wrapper":                       around(sms),
		"wrappers of wrappers":            around(around(around(sms))),
		"the second of a wrapper's two":   around(voice, sms),
		"one far below":                   around(voice, around(voice), around(around(voice, sms))),
		"nil providers are not there":     around(nil, (*vendor)(nil), sms),
		"a wrapper of nothing is a leaf":  &wrapper{vendor: *sms},
		"a selector sends by some":        &selector{wrapper: *around(sms, voice)},
		"a checker's word counts":         &checker{},
		"and not that of what it wraps":   checkingWrapper{around(voice)},
		"a value that cannot be compared": around(list{voice}, list{voice}, list{sms}),
	} {
		assert.NoError(t, otp.CanSend(p, bySMS()), name)
	}
}

func TestCanSendNamesTheProvider(t *testing.T) {
	voice, whatsapp := by("voice", otp.Voice), by("whatsapp", otp.WhatsApp)
	cannot := func(name string) otp.Error {
		return otp.Error{Provider: name, Kind: otp.ErrUnsupported, Field: "channel"}
	}
	requireCannot(t, voice, bySMS(), cannot("voice"))
	requireCannot(t, around(voice, whatsapp), bySMS(), cannot("voice"))
	requireCannot(t, around(nil, around(whatsapp), voice), bySMS(), cannot("whatsapp"))
	requireCannot(t, &selector{wrapper: *around(voice, by("sms", otp.SMS))}, bySMS(), cannot("voice"))
	requireCannot(t, &selector{wrapper: *around(voice), err: errors.New("no route")}, bySMS(),
		otp.Error{Provider: "wrapper", Kind: otp.ErrUnsupported})

	leaf := by("leaf", otp.SMS)
	requireCannot(t, around(leaf), otp.SendRequest{To: "+1,+2"},
		otp.Error{Provider: "wrapper", Kind: otp.ErrInvalidRecipient, Field: "to"})
	assert.Zero(t, leaf.asked, "nobody could send it")
}

func TestCanSendMakesErrorsOfRefusals(t *testing.T) {
	shared := &otp.Error{Kind: otp.ErrUnsupported, Field: "ttl"}
	for name, c := range map[string]struct {
		err  error
		want otp.Error
	}{
		"one without name and outcome": {shared, otp.Error{Provider: "a", Kind: otp.ErrUnsupported, Field: "ttl"}},
		"one that names somebody": {
			&otp.Error{Provider: "b", Kind: otp.ErrUnreachable, Outcome: otp.OutcomeAccepted},
			otp.Error{Provider: "b", Kind: otp.ErrUnreachable},
		},
		"one that is wrapped": {
			fmt.Errorf("mine: %w", shared), otp.Error{Provider: "a", Kind: otp.ErrUnsupported, Field: "ttl"},
		},
		"another error":    {errors.New("not today"), otp.Error{Provider: "a", Kind: otp.ErrUnsupported}},
		"a nil *otp.Error": {(*otp.Error)(nil), otp.Error{Provider: "a", Kind: otp.ErrUnsupported}},
	} {
		t.Run(name, func(t *testing.T) {
			requireCannot(t, &checker{vendor: vendor{name: "a"}, err: c.err}, bySMS(), c.want)
		})
	}
	assert.Equal(t, &otp.Error{Kind: otp.ErrUnsupported, Field: "ttl"}, shared, "the provider's own error stays")
}

func TestCanSendAsksASharedProviderOnce(t *testing.T) {
	shared := &checker{vendor: vendor{name: "shared"}, err: errors.New("no")}
	var p otp.Provider = shared
	for range 25 {
		p = around(p, around(p), p)
	}
	start := time.Now()
	require.ErrorIs(t, otp.CanSend(p, bySMS()), otp.ErrUnsupported)
	assert.Equal(t, 1, shared.checked)
	assert.Less(t, time.Since(start), time.Second)
}

// endless is a wrapper whose Unwrap makes new wrappers for ever.
type endless struct {
	vendor
	width int
}

func (e *endless) Unwrap() []otp.Provider {
	children := make([]otp.Provider, e.width)
	for i := range children {
		children[i] = &endless{vendor: e.vendor, width: e.width}
	}
	return children
}

func TestCanSendEndsInEveryTree(t *testing.T) {
	wrapped := otp.Error{Provider: "e", Kind: otp.ErrMisconfigured, Field: "provider"}
	for _, width := range []int{1, 3} {
		requireCannot(t, &endless{vendor{name: "e"}, width}, bySMS(), wrapped)
	}
	nothing := otp.Error{Kind: otp.ErrMisconfigured, Field: "provider"}
	circle := around()
	circle.children = []otp.Provider{around(circle), circle}
	requireCannot(t, circle, bySMS(), nothing)
	requireCannot(t, around(nil, (*vendor)(nil)), bySMS(), nothing)
	requireCannot(t, nil, bySMS(), nothing)
	requireCannot(t, (*vendor)(nil), bySMS(), nothing)

	circle.children = append(circle.children, by("voice", otp.Voice))
	requireCannot(t, circle, bySMS(), otp.Error{Provider: "voice", Kind: otp.ErrUnsupported, Field: "channel"})
	circle.children = append(circle.children, by("sms", otp.SMS))
	assert.NoError(t, otp.CanSend(circle, bySMS()))
}

func TestCanSendOfAProviderThatPanics(t *testing.T) {
	requireCannot(t, around(panicking{}), bySMS(), otp.Error{Kind: otp.ErrUnavailable})
}

// checkingWrapper is a wrapper that knows by itself what it can send.
type checkingWrapper struct{ *wrapper }

func (checkingWrapper) CanSend(otp.SendRequest) error { return nil }

// panicking is a provider that cannot be asked.
type panicking struct{ *vendor }

func (panicking) CanSend(otp.SendRequest) error { panic("canary") }

// list is a provider that == panics on.
type list []otp.Provider

func (l list) Name() string                   { return "list" }
func (l list) Capabilities() otp.Capabilities { return l[0].Capabilities() }
func (l list) Unwrap() []otp.Provider         { return l }
func (l list) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	return l[0].Send(ctx, req)
}

func (l list) Verify(ctx context.Context, v otp.Verification, code string) error {
	return l[0].Verify(ctx, v, code)
}

func TestCanSendAllocatesNothingWhenItCan(t *testing.T) {
	can := &checker{}
	cannot := around(&checker{vendor: vendor{name: "cannot"}})
	for name, p := range map[string]otp.Provider{
		"a vendor": can, "a wrapper": around(can), "the last of three": around(cannot, cannot, can),
		"a selector": &selector{wrapper: *around(can)}, "a value": refusing{can, nil},
	} {
		req := bySMS()
		assert.Zero(t, testing.AllocsPerRun(100, func() { _ = otp.CanSend(p, req) }), name)
	}
}

func TestCanSendIsSafeForConcurrentUse(t *testing.T) {
	shared := &otp.Error{Kind: otp.ErrUnsupported}
	p := refusing{&vendor{name: "a"}, shared}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.ErrorIs(t, otp.CanSend(p, bySMS()), otp.ErrUnsupported) })
	}
	wg.Wait()
	assert.Empty(t, shared.Provider)
}

// refusing is a checker without a counter.
type refusing struct {
	otp.Provider
	err error
}

func (r refusing) CanSend(otp.SendRequest) error { return r.err }
