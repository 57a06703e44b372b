package faults_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// The time-outs of an attempt: one for the faults that last until then, and one that no other fault comes near to,
// however slow the machine.
const (
	short = 1200 * time.Millisecond
	long  = 8 * time.Second
)

// margin is how much longer than its time-outs a call may take on a slow machine.
const margin = 4 * time.Second

func TestEveryFaultForEveryVendor(t *testing.T) {
	t.Parallel()
	var measured results
	t.Run("fault", func(t *testing.T) {
		for _, f := range faults() {
			for _, c := range calls() {
				t.Run(f.name+"/"+c.vendor+"/"+c.name, func(t *testing.T) {
					t.Parallel()
					measured.add(f, c, f.happensTo(t, c))
				})
			}
		}
	})
	assert.Empty(t, standardLog.String(), "something is logged that no logger was given for")
	if !t.Failed() && measured.complete() {
		checkDocument(t, measured.table())
	}
}

// result is what came of a fault, as the document shows it.
type result struct {
	attempts, taken int
	outcome         otp.Outcome
	kind            otp.Kind
	ends            end
}

// trial is one client that meets one fault.
type trial struct {
	fault     fault
	call      call
	timeout   time.Duration
	server    *server
	elsewhere *server // where redirects lead
	provider  otp.Provider
	attempts  counter
	log       lines

	verification otp.Verification
	err          error
	took         time.Duration
}

// counter is a limiter that lets everything pass and counts the attempts.
type counter struct{ n atomic.Int32 }

func (c *counter) Wait(context.Context) error {
	c.n.Add(1)
	return nil
}

func (f fault) happensTo(t *testing.T, c call) result {
	x := f.prepare(t, c)
	x.run(t)
	x.checkGoroutines(t)
	x.checkSecrets(t)
	x.checkTime(t)
	x.checkError(t)
	return x.checkResult(t)
}

// prepare puts a client before a vendor, and lets it make a first request where the fault is for the second.
func (f fault) prepare(t *testing.T, c call) *trial {
	t.Helper()
	x := &trial{fault: f, call: c, timeout: long}
	if f.want.ends == atTheTimeout || f.want.ends == atHalfOfIt {
		x.timeout = short
	}
	x.elsewhere = serve(t, c, succeed)
	x.server = serve(t, c, f.script...)
	x.server.elsewhere = "http://" + x.elsewhere.address()
	x.provider = x.open(t)
	if f.second {
		_, err := c.do(t.Context(), x.provider)
		require.NoError(t, err)
		x.attempts.n.Store(0)
		x.server.taken.Store(0)
	}
	return x
}

func (x *trial) open(t *testing.T) otp.Provider {
	t.Helper()
	at := x.fault.at
	if at == nil {
		at = overHTTP
	}
	baseURL, with := at(t, x.server)
	options := []otp.Option{
		otp.WithTimeout(x.timeout),
		otp.WithRetry(otp.RetryPolicy{MinWait: time.Millisecond, MaxWait: time.Millisecond}),
		otp.WithSendLimiter(&x.attempts),
		otp.WithVerifyLimiter(&x.attempts),
		otp.WithLogger(slog.New(slog.NewJSONHandler(&x.log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	if with != nil {
		options = append(options, otp.WithHTTPClient(with))
	}
	provider, err := x.call.open(baseURL, options...)
	require.NoError(t, err)
	return provider
}

func (x *trial) run(t *testing.T) {
	ctx := t.Context()
	if x.fault.deadline > 0 {
		bounded, cancel := context.WithTimeout(ctx, x.fault.deadline)
		defer cancel()
		ctx = bounded
	}
	labelled(ctx, t.Name(), func(ctx context.Context) {
		start := time.Now()
		x.verification, x.err = x.call.do(ctx, x.provider)
		x.took = time.Since(start)
	})
}

// checkGoroutines wants none of those back that the call has started.
func (x *trial) checkGoroutines(t *testing.T) {
	t.Helper()
	noGoroutineIsLeftOf(t, t.Name())
}

// checkTime wants the call back before its attempts can have used up their time-outs, and a moment.
func (x *trial) checkTime(t *testing.T) {
	t.Helper()
	most := time.Duration(x.attempts.n.Load())*x.timeout + margin
	if x.timeout == long {
		most = long // what waits for nothing ends before its first attempt would
	}
	assert.Less(t, x.took, most)
}

// checkError wants a kind, an outcome that agrees with OutcomeOf, and a Verification whenever a code may be on its way.
func (x *trial) checkError(t *testing.T) {
	t.Helper()
	if x.err == nil {
		return
	}
	var failure *otp.Error
	require.ErrorAs(t, x.err, &failure)
	assert.NotEmpty(t, failure.Kind)
	assert.Equal(t, failure.Outcome, otp.OutcomeOf(x.err))
	assert.Equal(t, x.fault.want.retryAfter, failure.RetryAfter)
	if x.call.verifies {
		assert.NotErrorIs(t, x.err, otp.ErrCodeRejected, "nobody has judged the code")
		return
	}
	assert.Equal(t, failure.Outcome != otp.OutcomeNotSent, x.verification.ID != "", "%v", x.verification)
}

// checkResult compares what was measured with what has to come of the fault.
func (x *trial) checkResult(t *testing.T) result {
	t.Helper()
	measured := result{
		attempts: int(x.attempts.n.Load()),
		taken:    int(x.server.taken.Load()),
		outcome:  otp.OutcomeOf(x.err),
		kind:     kindOf(x.err),
		ends:     x.end(),
	}
	want := result{
		attempts: x.fault.want.attempts, taken: x.fault.want.taken,
		outcome: x.fault.want.send, kind: x.fault.want.kind, ends: x.fault.want.ends,
	}
	if x.call.verifies {
		want.outcome = x.fault.want.verify
	}
	assert.Equal(t, want, measured, "%v", x.err)
	assert.Zero(t, x.elsewhere.connections.Load(), "a redirect was followed")
	if x.fault.second {
		assert.EqualValues(t, 1, x.server.connections.Load(), "the connection was to be used twice")
	}
	return measured
}

func kindOf(err error) otp.Kind {
	var failure *otp.Error
	if !errors.As(err, &failure) {
		return ""
	}
	return failure.Kind
}

// end is the class of the time that the call took.
func (x *trial) end() end {
	if x.took < x.fault.want.ends.waits(x.timeout, int(x.attempts.n.Load())) {
		return atOnce
	}
	return x.fault.want.ends
}
