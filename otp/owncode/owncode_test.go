package owncode_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

const phone = "+905321234567"

var (
	keyA = []byte(strings.Repeat("a", 32))
	keyB = []byte(strings.Repeat("b", 32))
)

// inbox is a gateway that keeps what it sends, or fails as it is told.
type inbox struct {
	mu    sync.Mutex
	texts []owncode.Text
	fail  func(owncode.Text) error // before anything is sent
	after error                    // when the text is sent
}

func (in *inbox) SendText(_ context.Context, t owncode.Text) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.fail != nil {
		if err := in.fail(t); err != nil {
			return err
		}
	}
	in.texts = append(in.texts, t)
	return in.after
}

func (in *inbox) last(tb testing.TB) owncode.Text {
	tb.Helper()
	in.mu.Lock()
	defer in.mu.Unlock()
	require.NotEmpty(tb, in.texts)
	return in.texts[len(in.texts)-1]
}

func (in *inbox) count() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(in.texts)
}

func newProvider(tb testing.TB, cfg owncode.Config, send owncode.Sender) *owncode.Provider {
	tb.Helper()
	if cfg.Keys == nil {
		cfg.Keys = [][]byte{keyA}
	}
	p, err := owncode.New(cfg, send)
	require.NoError(tb, err)
	return p
}

func sendTo(tb testing.TB, p otp.Provider, req otp.SendRequest) otp.Verification {
	tb.Helper()
	if req.To == "" {
		req.To = phone
	}
	v, err := p.Send(tb.Context(), req)
	require.NoError(tb, err)
	return v
}

func failureOf(tb testing.TB, err error) *otp.Error {
	tb.Helper()
	var failure *otp.Error
	require.ErrorAs(tb, err, &failure)
	return failure
}

func wrongCode(code string) string {
	last := byte('7')
	if code[len(code)-1] == last {
		last = '3'
	}
	return code[:len(code)-1] + string(last)
}

func TestCodeIsAcceptedOnce(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	v := sendTo(t, p, otp.SendRequest{})
	code := in.last(t).Code
	assert.Len(t, code, 6)
	assert.Contains(t, in.last(t).Body, code+" is your code. It is valid for 5 minutes.")
	assert.Equal(t, otp.Verification{
		Provider: "owncode", ID: v.ID, To: phone, Channel: otp.SMS, SentAt: v.SentAt, ExpiresAt: v.SentAt.Add(5 * time.Minute),
	}, v)

	failure := failureOf(t, p.Verify(t.Context(), v, wrongCode(code)))
	assert.Equal(t, otp.ErrWrongCode, failure.Kind)
	assert.Equal(t, otp.OutcomeAccepted, failure.Outcome)
	assert.Equal(t, 4, *failure.AttemptsLeft)
	require.NoError(t, p.Verify(t.Context(), v, " "+code[:3]+"-"+code[3:]))
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrAlreadyVerified)
}

func TestAttemptsEnd(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	v := sendTo(t, p, otp.SendRequest{})
	code := in.last(t).Code
	for left := 4; left >= 0; left-- {
		failure := failureOf(t, p.Verify(t.Context(), v, wrongCode(code)))
		assert.Equal(t, otp.ErrWrongCode, failure.Kind)
		assert.Equal(t, left, *failure.AttemptsLeft)
	}
	failure := failureOf(t, p.Verify(t.Context(), v, code))
	assert.Equal(t, otp.ErrTooManyAttempts, failure.Kind)
	assert.Equal(t, 0, *failure.AttemptsLeft)

	again := sendTo(t, p, otp.SendRequest{Previous: &v})
	assert.NotEqual(t, v.ID, again.ID, "a code without attempts is not sent again")
	require.NoError(t, p.Verify(t.Context(), again, in.last(t).Code))
}

func TestNewestCodeEndsTheOneBefore(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	first := sendTo(t, p, otp.SendRequest{})
	old := in.last(t).Code
	second := sendTo(t, p, otp.SendRequest{})
	require.ErrorIs(t, p.Verify(t.Context(), first, old), otp.ErrExpired)
	require.NoError(t, p.Verify(t.Context(), second, in.last(t).Code))
	require.ErrorIs(t, p.Verify(t.Context(), first, old), otp.ErrCodeRejected)
}

func TestPurposesAreApart(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	login := guard.WithCaller(t.Context(), guard.Caller{Purpose: "login"})
	v, err := p.Send(login, otp.SendRequest{To: phone})
	require.NoError(t, err)
	code := in.last(t).Code
	sendTo(t, p, otp.SendRequest{}) // for no purpose
	require.ErrorIs(t, p.Verify(t.Context(), v, code), otp.ErrCodeRejected)
	require.NoError(t, p.Verify(login, v, code))
}

func TestPreviousSendsTheSameCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{}
		p := newProvider(t, owncode.Config{}, in)
		first := sendTo(t, p, otp.SendRequest{})
		code := in.last(t).Code
		time.Sleep(150 * time.Second)
		again := sendTo(t, p, otp.SendRequest{Previous: &first})
		assert.Equal(t, first, again, "one code has one verification")
		assert.Equal(t, code, in.last(t).Code)
		assert.Contains(t, in.last(t).Body, "valid for 2 minutes")

		time.Sleep(time.Second) // less than half of its life is left
		fresh := sendTo(t, p, otp.SendRequest{Previous: &again})
		assert.NotEqual(t, first.ID, fresh.ID)
		require.ErrorIs(t, p.Verify(t.Context(), first, code), otp.ErrExpired)
		require.NoError(t, p.Verify(t.Context(), fresh, in.last(t).Code))

		used := sendTo(t, p, otp.SendRequest{Previous: &fresh})
		assert.NotEqual(t, fresh.ID, used.ID, "a used code is not sent again")
		longer := sendTo(t, p, otp.SendRequest{Previous: &used, CodeLength: 8})
		assert.NotEqual(t, used.ID, longer.ID, "other terms need another code")
		ended := sendTo(t, p, otp.SendRequest{Previous: &used})
		assert.NotEqual(t, used.ID, ended.ID, "a code that has ended is not sent again")
	})
}

func TestCodesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &inbox{}
		p := newProvider(t, owncode.Config{}, in)
		v := sendTo(t, p, otp.SendRequest{TTL: time.Minute})
		time.Sleep(59 * time.Second)
		require.ErrorIs(t, p.Verify(t.Context(), v, wrongCode(in.last(t).Code)), otp.ErrWrongCode)
		time.Sleep(time.Second)
		require.ErrorIs(t, p.Verify(t.Context(), v, in.last(t).Code), otp.ErrExpired)
	})
}

func TestKeysRotate(t *testing.T) {
	store, err := guard.NewMemory(0)
	require.NoError(t, err)
	in := &inbox{}
	with := func(keys ...[]byte) *owncode.Provider {
		return newProvider(t, owncode.Config{Keys: keys, Store: store}, in)
	}
	v := sendTo(t, with(keyA), otp.SendRequest{})
	code := in.last(t).Code
	again := sendTo(t, with(keyB, keyA), otp.SendRequest{Previous: &v})
	assert.Equal(t, v, again)
	require.ErrorIs(t, with(keyB).Verify(t.Context(), v, code), otp.ErrNotFound)
	fresh := sendTo(t, with(keyB, keyA), otp.SendRequest{})
	require.ErrorIs(t, with(keyA, keyB).Verify(t.Context(), v, code), otp.ErrNotFound, "a new code ends that of another key")
	require.NoError(t, with(keyA, keyB).Verify(t.Context(), fresh, in.last(t).Code))
}

func TestChangedVerificationIsRejected(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	v := sendTo(t, p, otp.SendRequest{})
	code := in.last(t).Code
	for at := range v.ID {
		changed := v
		other := byte('A')
		if v.ID[at] == other {
			other = 'B'
		}
		changed.ID = v.ID[:at] + string(other) + v.ID[at+1:]
		require.ErrorIs(t, p.Verify(t.Context(), changed, code), otp.ErrCodeRejected, at)
	}
	for _, id := range []string{"", "x", strings.Repeat("A", 40), strings.Repeat("_", 40), v.ID + "A", otp.RandomID(true)} {
		changed := v
		changed.ID = id
		require.ErrorIs(t, p.Verify(t.Context(), changed, code), otp.ErrNotFound, id)
	}
	moved := v
	moved.To = "+905321234568"
	require.ErrorIs(t, p.Verify(t.Context(), moved, code), otp.ErrCodeRejected)
	require.NoError(t, p.Verify(t.Context(), v, code))
}

func TestOneOfManyRacersIsLetIn(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	v := sendTo(t, p, otp.SendRequest{})
	var won, used atomic.Int32
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			err := p.Verify(t.Context(), v, in.last(t).Code)
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, otp.ErrAlreadyVerified):
				used.Add(1)
			}
		})
	}
	wait.Wait()
	assert.EqualValues(t, 1, won.Load())
	assert.EqualValues(t, 199, used.Load())
}

func TestGuessesAtOnceKeepTheLimit(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	v := sendTo(t, p, otp.SendRequest{})
	wrong := wrongCode(in.last(t).Code)
	var judged atomic.Int32
	var wait sync.WaitGroup
	for range 200 {
		wait.Go(func() {
			if errors.Is(p.Verify(t.Context(), v, wrong), otp.ErrWrongCode) {
				judged.Add(1)
			}
		})
	}
	wait.Wait()
	assert.EqualValues(t, 5, judged.Load())
	require.ErrorIs(t, p.Verify(t.Context(), v, in.last(t).Code), otp.ErrTooManyAttempts)
}

func TestLettersMayBeTypedSmall(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{Letters: true}, in)
	v := sendTo(t, p, otp.SendRequest{CodeLength: 8})
	code := in.last(t).Code
	assert.Regexp(t, `\A[BCDFGHJKLMNPQRSTVWXZ]{8}\z`, code)
	require.NoError(t, p.Verify(t.Context(), v, strings.ToLower(code)))
}

// number is the nth phone.
func number(n int) string { return fmt.Sprintf("+90532%07d", n) }
