package owncode_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

// meddled is a store after each of whose answers something happens.
type meddled struct {
	guard.Store
	after func()
}

func (m *meddled) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	if err := ctx.Err(); err != nil {
		return guard.Result{}, err
	}
	result, err := m.Store.Apply(context.WithoutCancel(ctx), c)
	if m.after != nil {
		m.after()
	}
	return result, err
}

func meddledProvider(t *testing.T) (*owncode.Provider, *inbox, *meddled) {
	t.Helper()
	memory, err := guard.NewMemory(0)
	require.NoError(t, err)
	in, store := &inbox{}, &meddled{Store: memory}
	return newProvider(t, owncode.Config{Store: store}, in), in, store
}

func TestResendThatIsCancelledTakesNoAttempt(t *testing.T) {
	p, in, store := meddledProvider(t)
	v := sendTo(t, p, otp.SendRequest{})
	code := in.last(t).Code
	for range 5 {
		ctx, cancel := context.WithCancel(t.Context())
		store.after = cancel
		_, _ = p.Send(ctx, otp.SendRequest{To: phone, Previous: &v})
	}
	store.after = nil
	assert.NoError(t, p.Verify(t.Context(), v, code))
}

func TestRightCodeIsAcceptedDuringAResend(t *testing.T) {
	p, in, store := meddledProvider(t)
	v := sendTo(t, p, otp.SendRequest{MaxAttempts: 1})
	code := in.last(t).Code
	verified := false
	store.after = func() {
		if store.after = nil; !verified {
			verified = true
			assert.NoError(t, p.Verify(t.Context(), v, code))
		}
	}
	sendTo(t, p, otp.SendRequest{Previous: &v, MaxAttempts: 1})
	assert.True(t, verified)
}

// A text that is sent again says how long is left, which may be longer to say than the whole life:
// a minute less than "24 hours" is "1439 minutes".
func TestNoResendIsLongerThanTheLongestText(t *testing.T) {
	for _, life := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, time.Hour, 10 * time.Hour, 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			in := &inbox{}
			p := newProvider(t, owncode.Config{
				TTL: otp.Range[time.Duration]{Min: life, Max: life}, CodeLength: otp.Range[int]{Min: 6, Max: 6},
			}, in)
			v := sendTo(t, p, otp.SendRequest{})
			for range 3 {
				time.Sleep(min(life/6, time.Minute))
				again := sendTo(t, p, otp.SendRequest{Previous: &v})
				require.Equal(t, v, again)
				body := in.last(t).Body
				assert.LessOrEqual(t, owncode.CountSegments(body).Units, p.Segments("en").Units, body)
			}
		})
	}
}

// The clocks of two processes differ by some seconds: the second one is behind.
func TestProcessWithASlowClockPromisesNoLongerLife(t *testing.T) {
	memory, err := guard.NewMemory(0)
	require.NoError(t, err)
	in := &inbox{}
	var v otp.Verification
	code := func() string { return in.last(t).Code }
	process := func(do func(t *testing.T, p *owncode.Provider)) {
		synctest.Test(t, func(t *testing.T) { do(t, newProvider(t, owncode.Config{Store: memory}, in)) })
	}
	process(func(t *testing.T, p *owncode.Provider) {
		time.Sleep(5 * time.Second)
		v = sendTo(t, p, otp.SendRequest{TTL: 30 * time.Second})
	})
	process(func(t *testing.T, p *owncode.Provider) {
		first := code()
		again := sendTo(t, p, otp.SendRequest{TTL: 30 * time.Second, Previous: &v})
		assert.Equal(t, v, again)
		assert.Equal(t, first, code())
		assert.Contains(t, in.last(t).Body, "valid for 30 seconds")
		assert.NoError(t, p.Verify(t.Context(), v, code()))
	})
}
