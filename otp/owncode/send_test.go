package owncode_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

func fails(err error) *inbox { return &inbox{fail: func(owncode.Text) error { return err }} }

func TestSenderSaysWhatHappened(t *testing.T) {
	vendors := &otp.Error{Kind: otp.ErrInsufficientFunds, Outcome: otp.OutcomeNotSent, Code: "104", HTTPStatus: 402}
	for name, test := range map[string]struct {
		err     error
		kind    otp.Kind
		outcome otp.Outcome
	}{
		"proof":                  {owncode.NotSent(errors.New("refused")), otp.ErrUnavailable, otp.OutcomeNotSent},
		"proof, wrapped":         {fmt.Errorf("sms: %w", owncode.NotSent(errors.New("x"))), otp.ErrUnavailable, otp.OutcomeNotSent},
		"proof of nothing":       {owncode.NotSent(nil), otp.ErrUnavailable, otp.OutcomeNotSent},
		"proof of a kind":        {owncode.NotSent(&otp.Error{Kind: otp.ErrUnreachable}), otp.ErrUnreachable, otp.OutcomeNotSent},
		"a vendor's":             {vendors, otp.ErrInsufficientFunds, otp.OutcomeNotSent},
		"no word":                {errors.New("EOF"), otp.ErrUnavailable, otp.OutcomeUnknown},
		"a deadline":             {context.DeadlineExceeded, otp.ErrUnavailable, otp.OutcomeUnknown},
		"accepted and failed":    {&otp.Error{Kind: otp.ErrProtocol, Outcome: otp.OutcomeAccepted}, otp.ErrProtocol, otp.OutcomeUnknown},
		"a verdict on a code":    {&otp.Error{Kind: otp.ErrWrongCode}, otp.ErrProtocol, otp.OutcomeUnknown},
		"a nil pointer as error": {(*otp.Error)(nil), otp.ErrUnavailable, otp.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, owncode.Config{}, fails(test.err))
			v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
			failure := failureOf(t, err)
			assert.Equal(t, "owncode", failure.Provider)
			assert.Equal(t, "send", failure.Op)
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, test.outcome, failure.Outcome)
			assert.Equal(t, test.outcome == otp.OutcomeNotSent, v.IsZero())
		})
	}
}

func TestUnknownOutcomeVerifies(t *testing.T) {
	in := &inbox{after: errors.New("no answer")}
	p := newProvider(t, owncode.Config{}, in)
	v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.True(t, v.CanVerify())
	require.NoError(t, p.Verify(t.Context(), v, in.last(t).Code))
}

func TestSenderThatPanicsIsUnknown(t *testing.T) {
	for _, send := range []owncode.SenderFunc{
		func(context.Context, owncode.Text) error { panic("a secret") },
		func(context.Context, owncode.Text) error { return hostile{} },
	} {
		p := newProvider(t, owncode.Config{}, send)
		v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
		assert.Equal(t, otp.OutcomeUnknown, failureOf(t, err).Outcome)
		assert.True(t, v.CanVerify())
		assert.NotContains(t, err.Error(), "secret")
	}
}

type hostile struct{}

func (hostile) Error() string { panic("no text") }
func (hostile) Unwrap() error { panic("no cause") }

func TestErrorsShowNeitherCodeNorNumber(t *testing.T) {
	in := fails(nil)
	var text owncode.Text
	in.fail = func(sent owncode.Text) error {
		text = sent
		return owncode.NotSent(fmt.Errorf("POST https://gw.example/send?to=%s&text=%s: %q", sent.To, sent.Code, sent.Body))
	}
	p := newProvider(t, owncode.Config{}, in)
	_, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	for _, form := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", errors.Unwrap(err))} {
		assert.NotContains(t, form, text.Code)
		assert.NotContains(t, form, phone[4:])
	}
}

func TestFallbackCarriesTheSameCode(t *testing.T) {
	unknown := errors.New("no answer")
	for name, test := range map[string]struct {
		first, second *inbox
		outcome       otp.Outcome
		texts         int // by the fallback
	}{
		"the sender sends":    {&inbox{}, &inbox{}, otp.OutcomeAccepted, 0},
		"it does not":         {fails(owncode.NotSent(unknown)), &inbox{}, otp.OutcomeAccepted, 1},
		"nobody knows":        {&inbox{after: unknown}, &inbox{}, otp.OutcomeAccepted, 1},
		"neither sends":       {fails(owncode.NotSent(unknown)), fails(owncode.NotSent(unknown)), otp.OutcomeNotSent, 0},
		"unknown, not sent":   {&inbox{after: unknown}, fails(owncode.NotSent(unknown)), otp.OutcomeUnknown, 0},
		"not sent, unknown":   {fails(owncode.NotSent(unknown)), &inbox{after: unknown}, otp.OutcomeUnknown, 1},
		"nobody knows of any": {&inbox{after: unknown}, &inbox{after: unknown}, otp.OutcomeUnknown, 1},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProvider(t, owncode.Config{Fallback: test.second}, test.first)
			var events []otp.Event
			ctx := otp.WithObserver(t.Context(), func(e otp.Event) { events = append(events, e) })
			v, err := p.Send(ctx, otp.SendRequest{To: phone})
			assert.Equal(t, test.outcome, otp.OutcomeOf(err))
			assert.Equal(t, test.outcome == otp.OutcomeNotSent, v.IsZero())
			assert.Equal(t, test.texts, test.second.count())
			assert.LessOrEqual(t, test.first.count(), 1)
			codes := map[string]bool{}
			for _, text := range append(test.first.texts, test.second.texts...) {
				codes[text.Code] = true
				require.Equal(t, phone, text.To)
			}
			assert.LessOrEqual(t, len(codes), 1)
			for code := range codes {
				require.NoError(t, p.Verify(t.Context(), v, code))
			}
			if test.first.fail != nil || test.first.after != nil {
				require.Len(t, events, 3)
				assert.Equal(t, otp.FailoverEvent{Router: "owncode", From: "sender", To: "fallback", Kind: otp.ErrUnavailable}, events[1])
			} else {
				require.Len(t, events, 1)
			}
		})
	}
}

func TestFallbackHasItsShareOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hangs := owncode.SenderFunc(func(ctx context.Context, _ owncode.Text) error { <-ctx.Done(); return ctx.Err() })
		second := &inbox{}
		p := newProvider(t, owncode.Config{Fallback: second}, hangs)
		start := time.Now()
		sendTo(t, p, otp.SendRequest{})
		assert.Equal(t, 7500*time.Millisecond, time.Since(start), "half of 15 seconds")
		assert.Empty(t, second.last(t).Channel, "the fallback uses the channel that it has")
	})
}

func TestFallbackIsNotAskedForACallerWhoLeft(t *testing.T) {
	second := &inbox{}
	ctx, leave := context.WithCancel(t.Context())
	p := newProvider(t, owncode.Config{Fallback: second}, owncode.SenderFunc(func(ctx context.Context, _ owncode.Text) error {
		leave()
		return ctx.Err()
	}))
	v, err := p.Send(ctx, otp.SendRequest{To: phone})
	assert.Equal(t, otp.ErrCanceled, failureOf(t, err).Kind)
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.True(t, v.CanVerify())
	assert.Zero(t, second.count())
}

// brokenStore is a store that is down, that panics, or that answers nonsense.
type brokenStore func() (guard.Result, error)

func (s brokenStore) Apply(context.Context, guard.Change) (guard.Result, error) { return s() }

func TestNothingIsSentWithoutTheStore(t *testing.T) {
	for name, store := range map[string]brokenStore{
		"down":   func() (guard.Result, error) { return guard.Result{}, errors.New("no route to host") },
		"panics": func() (guard.Result, error) { panic("a secret") },
		"nonsense": func() (guard.Result, error) {
			return guard.Result{Refused: guard.RefusedByNone, Taken: make([]guard.Taken, 9)}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := &inbox{}
			p := newProvider(t, owncode.Config{Store: store}, in)
			v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
			failure := failureOf(t, err)
			assert.Equal(t, otp.ErrUnavailable, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.True(t, v.IsZero())
			assert.Zero(t, in.count())

			v = sendTo(t, newProvider(t, owncode.Config{}, in), otp.SendRequest{})
			failure = failureOf(t, p.Verify(t.Context(), v, in.last(t).Code))
			assert.Equal(t, otp.ErrUnavailable, failure.Kind)
			assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
		})
	}
}

func TestBadConfigIsNamed(t *testing.T) {
	keys := [][]byte{keyA}
	in := &inbox{}
	text := func(s string) owncode.Config {
		return owncode.Config{Keys: keys, Message: owncode.Message{Templates: map[string]string{"en": s}}}
	}
	message := func(m owncode.Message) owncode.Config { return owncode.Config{Keys: keys, Message: m} }
	for name, test := range map[string]struct {
		cfg   owncode.Config
		send  owncode.Sender
		opt   otp.Option
		field string
	}{
		"no key":               {owncode.Config{}, in, nil, "keys"},
		"a short key":          {owncode.Config{Keys: [][]byte{keyA, keyB[:31]}}, in, nil, "keys"},
		"one key twice":        {owncode.Config{Keys: [][]byte{keyA, keyA}}, in, nil, "keys"},
		"many keys":            {owncode.Config{Keys: make([][]byte, 9)}, in, nil, "keys"},
		"no sender":            {owncode.Config{Keys: keys}, nil, nil, "sender"},
		"a nil function":       {owncode.Config{Keys: keys}, owncode.SenderFunc(nil), nil, "sender"},
		"a nil pointer":        {owncode.Config{Keys: keys}, (*inbox)(nil), nil, "sender"},
		"a nil store":          {owncode.Config{Keys: keys, Store: (*guard.Memory)(nil)}, in, nil, "store"},
		"a nil fallback":       {owncode.Config{Keys: keys, Fallback: owncode.SenderFunc(nil)}, in, nil, "fallback"},
		"one sender twice":     {owncode.Config{Keys: keys, Fallback: in}, in, nil, "fallback"},
		"an empty channel":     {owncode.Config{Keys: keys, Channels: []otp.Channel{""}}, in, nil, "channels"},
		"three digits":         {owncode.Config{Keys: keys, CodeLength: otp.Range[int]{Min: 3, Max: 6}}, in, nil, "code_length"},
		"17 digits":            {owncode.Config{Keys: keys, CodeLength: otp.Range[int]{Min: 6, Max: 17}}, in, nil, "code_length"},
		"a lifetime of a week": {owncode.Config{Keys: keys, TTL: otp.Range[time.Duration]{Min: time.Second, Max: 168 * time.Hour}}, in, nil, "ttl"},
		"a broken lifetime":    {owncode.Config{Keys: keys, TTL: otp.Range[time.Duration]{Min: 1500 * time.Millisecond, Max: time.Hour}}, in, nil, "ttl"},
		"eleven attempts":      {owncode.Config{Keys: keys, MaxAttempts: otp.Range[int]{Min: 1, Max: 11}}, in, nil, "max_attempts"},
		"no code":              {text("Your code."), in, nil, "message.templates.en"},
		"two codes":            {text("{code} {code}"), in, nil, "message.templates.en"},
		"other braces":         {text("{code} {first_name}"), in, nil, "message.templates.en"},
		"a lone brace":         {text("{code} {"), in, nil, "message.templates.en"},
		"an app of no name":    {text("{code} {app}"), in, nil, "message.templates.en"},
		"a control character":  {text("{code}\x00"), in, nil, "message.templates.en"},
		"not UTF-8":            {text("{code}\xff"), in, nil, "message.templates.en"},
		"a line with @":        {text("{code}\n@example.com #1"), in, nil, "message.templates.en"},
		"too long":             {text("{code}" + strings.Repeat("x", 460)), in, nil, "message.templates.en"},
		"a bad tag":            {message(owncode.Message{Templates: map[string]string{"e": "{code}"}, Default: "e"}), in, nil, "message.templates.e"},
		"no words":             {message(owncode.Message{Templates: map[string]string{"fi": "{code} {lifetime}"}}), in, nil, "message.templates.fi"},
		"no default":           {message(owncode.Message{Templates: map[string]string{"fi": "{code}", "sv": "{code}"}}), in, nil, "message.default"},
		"another default":      {message(owncode.Message{Default: "de"}), in, nil, "message.default"},
		"an app of two lines":  {message(owncode.Message{App: "a\nb"}), in, nil, "message.app"},
		"a scheme":             {message(owncode.Message{Origin: owncode.Origin{Host: "https://example.com"}}), in, nil, "message.origin"},
		"a port":               {message(owncode.Message{Origin: owncode.Origin{Host: "example.com:443"}}), in, nil, "message.origin"},
		"capitals":             {message(owncode.Message{Origin: owncode.Origin{Host: "Example.com"}}), in, nil, "message.origin"},
		"a final dot":          {message(owncode.Message{Origin: owncode.Origin{Host: "example.com."}}), in, nil, "message.origin"},
		"a frame alone":        {message(owncode.Message{Origin: owncode.Origin{Embedded: "example.com"}}), in, nil, "message.origin"},
		"a short hash":         {message(owncode.Message{AppHash: "FA+9qCX9VS"}), in, nil, "message.app_hash"},
		"nine segments":        {message(owncode.Message{MaxSegments: 9}), in, nil, "message.max_segments"},
		"a retry":              {owncode.Config{Keys: keys}, in, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 2}), "retry"},
		"a limit":              {owncode.Config{Keys: keys}, in, otp.WithSendLimiter(nil), "send_limit"},
		"plain HTTP":           {owncode.Config{Keys: keys}, in, otp.WithPlainHTTP(), "plain_http"},
		"a user agent":         {owncode.Config{Keys: keys}, in, otp.WithUserAgent("x"), "user_agent"},
		"a nil option":         {owncode.Config{Keys: keys}, in, otp.WithLogger(nil), "logger"},
	} {
		t.Run(name, func(t *testing.T) {
			var opts []otp.Option
			if test.opt != nil {
				opts = append(opts, test.opt)
			}
			_, err := owncode.New(test.cfg, test.send, opts...)
			failure := failureOf(t, err)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, "owncode", failure.Provider)
		})
	}
	assert.Zero(t, in.count())
}
