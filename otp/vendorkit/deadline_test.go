package vendorkit_test

import (
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// unclosable is a connection that goes on waiting when it is closed.
type unclosable struct{ net.Conn }

func (unclosable) Close() error                     { return nil }
func (unclosable) SetDeadline(time.Time) error      { return nil }
func (unclosable) SetReadDeadline(time.Time) error  { return nil }
func (unclosable) SetWriteDeadline(time.Time) error { return nil }

func TestAttemptEndsInTimeOnAnyTransport(t *testing.T) {
	var dialled []net.Conn
	t.Cleanup(func() {
		for _, c := range dialled {
			_ = c.Close()
		}
	})
	for name, opts := range map[string][]otp.Option{
		"the default":     nil,
		"plain":           {through(&http.Transport{})},
		"few connections": {through(&http.Transport{MaxConnsPerHost: 1})},
		"connections that do not close": {through(&http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			dialled = append(dialled, c)
			return unclosable{c}, err
		}})},
	} {
		t.Run(name, func(t *testing.T) {
			opts = append(opts, otp.WithTimeout(100*time.Millisecond), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
			c := newClient(t, silent(t, "").String(), opts...)
			for range 2 {
				start := time.Now()
				failure := requireFailure(t, c.Do(t.Context(), call(vendorkit.Send)))
				assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
				assert.Equal(t, otp.ErrUnavailable, failure.Kind)
				assert.NotErrorIs(t, failure, context.DeadlineExceeded, "the caller's own has not passed")
				assert.Less(t, time.Since(start), 2*time.Second)
			}
		})
	}
}

func TestWaitForAConnectionEndsInTime(t *testing.T) {
	c := newClient(t, silent(t, "").String(), through(&http.Transport{MaxConnsPerHost: 1}), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	var wait sync.WaitGroup
	wait.Go(func() {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
	})
	time.Sleep(100 * time.Millisecond)
	start := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	failure := requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
	assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
	assert.Less(t, time.Since(start), 700*time.Millisecond)
	wait.Wait()
}

// The time of one attempt must not end the next one on its connection.
func TestKeptConnectionOutlivesAnAttempt(t *testing.T) {
	s := serve(t, answers(202))
	c := newClient(t, s.URL, through(&http.Transport{}), otp.WithTimeout(150*time.Millisecond))
	for range 3 {
		require.NoError(t, c.Do(t.Context(), call(vendorkit.Send)))
		time.Sleep(100 * time.Millisecond)
	}
	assert.EqualValues(t, 1, s.opened.Load())
}

func TestCallerCanCancelOnAPlainTransport(t *testing.T) {
	c := newClient(t, silent(t, "").String(), through(&http.Transport{}))
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	failure := requireFailure(t, c.Do(ctx, call(vendorkit.Send)))
	assert.Equal(t, otp.ErrCanceled, failure.Kind)
	assert.Equal(t, otp.OutcomeUnknown, failure.Outcome)
	assert.Less(t, time.Since(start), time.Second)
}
