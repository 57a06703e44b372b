package route_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// failing is a provider whose calls all take some time and return what result says.
func failing(took time.Duration, result func(ctx context.Context) error) (*double, *int) {
	asked := new(int)
	call := func(ctx context.Context) error {
		*asked++
		select {
		case <-time.After(took):
		case <-ctx.Done():
		}
		return result(ctx)
	}
	return &double{
		name: "a",
		send: func(ctx context.Context, _ otp.SendRequest) (otp.Verification, error) {
			return otp.Verification{}, call(ctx)
		},
		verify: func(ctx context.Context, _ otp.Verification, _ string) error { return call(ctx) },
	}, asked
}

const defaultFaults = 5

// opens reports whether a breaker opens when every call ends with err.
func opens(t *testing.T, err error) bool {
	t.Helper()
	p, asked := failing(0, func(context.Context) error { return err })
	b := must(route.Breaker(p))
	for range 2 * defaultFaults {
		_, _ = b.Send(t.Context(), otp.SendRequest{To: number})
	}
	sends := *asked
	*asked = 0
	for range 2 * defaultFaults {
		_ = b.Verify(t.Context(), otp.Verification{Provider: "a"}, "1")
	}
	assert.Equal(t, sends, *asked, "sends and verifications alike: %v", err)
	return sends == defaultFaults
}

func TestOnlyFaultsOfTheVendorOpenABreaker(t *testing.T) {
	for _, kind := range []otp.Kind{
		otp.ErrInvalidRequest, otp.ErrInvalidRecipient, otp.ErrUnsupported, otp.ErrUnauthorized, otp.ErrMisconfigured,
		otp.ErrInsufficientFunds, otp.ErrUnreachable, otp.ErrRateLimited, otp.ErrUnavailable, otp.ErrProtocol, otp.ErrCanceled, otp.ErrRefused,
		otp.ErrCodeRejected, otp.ErrWrongCode, otp.ErrExpired, otp.ErrTooManyAttempts, otp.ErrAlreadyVerified, otp.ErrNotFound,
	} {
		for _, outcome := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
			for _, status := range []int{0, 400, 503} {
				err := &otp.Error{Kind: kind, Outcome: outcome, HTTPStatus: status}
				want := kind == otp.ErrUnavailable || kind == otp.ErrProtocol
				assert.Equal(t, want, opens(t, err), "%s, %s, %d", kind, outcome, status)
			}
		}
	}
	assert.True(t, opens(t, errors.New("of a careless provider")))
	assert.False(t, opens(t, nil))
}

func TestABreakerCountsFaultsInARow(t *testing.T) {
	down, limited := fault(otp.ErrUnavailable, otp.OutcomeUnknown), otp.Error{
		Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, HTTPStatus: 429,
	}
	local := fault(otp.ErrRateLimited, otp.OutcomeNotSent)
	for name, c := range map[string]struct {
		between otp.Error
		asked   int
	}{
		"an answer ends the row":                   {limited, 2 + 1 + 3},
		"what tells nothing about the vendor, not": {local, 2 + 1 + 1},
	} {
		a := leaf("a")
		a.FailSend(down, down, c.between, down, down, down, down)
		b := must(route.Breaker(a, route.WithFaults(3)))
		for range 7 {
			_, _ = b.Send(t.Context(), otp.SendRequest{To: number})
		}
		assert.Equal(t, c.asked, sends(a), name)
	}
	a := leaf("a")
	b := must(route.Breaker(a, route.WithFaults(2)))
	for range 10 { // every other send fails
		a.FailSend(down)
		_, _ = b.Send(t.Context(), otp.SendRequest{To: number})
		_, err := b.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
	}
}

func TestTheLifeOfABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := leaf("a")
		b := must(route.Breaker(a, route.WithFaults(2), route.WithOpenFor(time.Minute)))
		var told events
		send := func() error {
			_, err := b.Send(told.observe(t.Context()), otp.SendRequest{To: number})
			return err
		}
		down := fault(otp.ErrUnavailable, otp.OutcomeNotSent)
		v, code := sent(t, a, a)
		a.FailSend(down, down)
		require.Error(t, send())
		assert.Empty(t, told)
		require.Error(t, send())
		assert.Equal(t, events{"{Provider:a Op:send From:closed To:open}"}, told)

		time.Sleep(20 * time.Second)
		err := send()
		failure := failureOf(t, err)
		assert.Equal(t, otp.ErrUnavailable, failure.Kind)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
		assert.Equal(t, 40*time.Second, failure.RetryAfter)
		assert.Equal(t, "a", failure.Provider)
		assert.Equal(t, "send", failure.Op)
		assert.Equal(t, 1+2, sends(a), "it is not asked")
		assert.Equal(t, "a: send: unavailable: not asked after repeated failures, retry after 40s", err.Error())
		require.NoError(t, b.Verify(t.Context(), v, code), "verifications have a breaker of their own")

		told = nil
		a.FailSend(down)
		time.Sleep(failure.RetryAfter)
		require.Error(t, send())
		assert.Equal(t, events{
			"{Provider:a Op:send From:open To:half_open}", "{Provider:a Op:send From:half_open To:open}",
		}, told)

		told = nil
		time.Sleep(time.Minute)
		require.NoError(t, send())
		require.NoError(t, send())
		assert.Equal(t, events{
			"{Provider:a Op:send From:open To:half_open}", "{Provider:a Op:send From:half_open To:closed}",
		}, told)
	})
}

func TestHalfOpenLetsOneThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := leaf("a")
		finish := make(chan struct{})
		slow := &double{name: "a", send: func(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
			if _, err := a.Send(ctx, req); err != nil {
				return otp.Verification{}, err
			}
			<-finish
			return otp.Verification{}, nil
		}}
		b := must(route.Breaker(slow, route.WithFaults(1), route.WithOpenFor(time.Second)))
		send := func(ctx context.Context) error {
			_, err := b.Send(ctx, otp.SendRequest{To: number})
			return err
		}
		a.FailSend(fault(otp.ErrUnavailable, otp.OutcomeUnknown), fault(otp.ErrCanceled, otp.OutcomeNotSent))
		require.Error(t, send(t.Context()))
		time.Sleep(time.Second)
		require.ErrorIs(t, send(t.Context()), otp.ErrCanceled, "which tells nothing, so that the next one may find out")

		first := make(chan error)
		go func() { first <- send(t.Context()) }()
		synctest.Wait()
		err := send(t.Context())
		require.ErrorIs(t, err, otp.ErrUnavailable)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		assert.Zero(t, failureOf(t, err).RetryAfter, "nobody knows")
		close(finish)
		require.NoError(t, <-first)
		require.NoError(t, send(t.Context()))
	})
}

// slowly is a vendor whose sends end when they are told to, and which counts those under way.
type slowly struct {
	double
	mu             sync.Mutex
	underWay, most int
	end            chan error
}

func newSlowly() *slowly {
	s := &slowly{double: double{name: "a"}, end: make(chan error)}
	s.send = func(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
		s.mu.Lock()
		s.underWay++
		s.most = max(s.most, s.underWay)
		s.mu.Unlock()
		err := <-s.end
		s.mu.Lock()
		s.underWay--
		s.mu.Unlock()
		return otp.Verification{Provider: "a", ID: "1", To: req.To}, err
	}
	return s
}

// now is how many sends are under way.
func (s *slowly) now() int {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.underWay
}

// sender starts sends through p and collects their errors.
type sender struct {
	p    otp.Provider
	ctx  context.Context
	mu   sync.Mutex
	errs []error
}

// start starts n sends and returns when each of them has ended or waits.
func (s *sender) start(n int) {
	for range n {
		go func() {
			_, err := s.p.Send(s.ctx, otp.SendRequest{To: number})
			s.mu.Lock()
			defer s.mu.Unlock()
			s.errs = append(s.errs, err)
		}()
	}
	synctest.Wait()
}

// open makes a breaker around a that has been opened by one fault.
func open(t *testing.T, a *slowly, openFor time.Duration) *sender {
	t.Helper()
	s := &sender{p: must(route.Breaker(a, route.WithFaults(1), route.WithOpenFor(openFor))), ctx: t.Context()}
	s.start(1)
	a.end <- &otp.Error{Kind: otp.ErrUnavailable}
	synctest.Wait()
	s.start(1)
	require.Zero(t, a.now(), "it is open")
	return s
}

func TestAProbeIsNotWaitedForForEver(t *testing.T) {
	for openFor, patience := range map[time.Duration]time.Duration{
		time.Second: time.Second, time.Hour: 30 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			a := newSlowly()
			s := open(t, a, openFor)
			time.Sleep(openFor)
			s.start(5)
			require.Equal(t, 1, a.now(), "one finds out")
			time.Sleep(patience - 1)
			s.start(5)
			require.Equal(t, 1, a.now())
			time.Sleep(time.Nanosecond)
			s.start(5)
			require.Equal(t, 2, a.now(), "the first one takes its time, so another one may try")

			a.end <- nil // of one of them, and perhaps of the first, which does not count any more
			a.end <- nil
			synctest.Wait()
			s.start(1)
			require.Equal(t, 1, a.now(), "the vendor is back")
			a.end <- nil
			synctest.Wait()
		})
	}
}

func TestALateProbeDoesNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := make(chan error), make(chan error)
		ends := []chan error{nil, first, second}
		calls := 0
		p := &double{name: "a", send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
			calls++
			if calls == 1 {
				return otp.Verification{}, &otp.Error{Kind: otp.ErrUnavailable}
			}
			return otp.Verification{}, <-ends[calls-1]
		}}
		s := &sender{p: must(route.Breaker(p, route.WithFaults(1), route.WithOpenFor(time.Second))), ctx: t.Context()}
		for range 3 {
			s.start(1)
			time.Sleep(time.Second)
		}
		require.Equal(t, 3, calls)
		first <- &otp.Error{Kind: otp.ErrUnavailable} // of before
		synctest.Wait()
		second <- nil
		synctest.Wait()
		ends = append(ends, second)
		s.start(1)
		assert.Equal(t, 4, calls, "the second one has closed it")
		second <- nil
		synctest.Wait()
	})
}

func TestAVendorThatIsBackIsEasedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSlowly()
		s := open(t, a, time.Minute)
		time.Sleep(time.Minute)
		s.start(200)
		require.Equal(t, 1, a.now())
		a.end <- nil
		synctest.Wait()
		var waves []int
		for a.now() < 200 {
			s.errs = nil
			s.start(200)
			waves = append(waves, a.now())
			for _, err := range s.errs {
				failure := failureOf(t, err)
				require.Equal(t, otp.ErrUnavailable, failure.Kind)
				require.Equal(t, otp.OutcomeNotSent, failure.Outcome)
				require.Zero(t, failure.RetryAfter)
				require.Contains(t, err.Error(), "few calls at a time")
			}
			if a.now() == 200 {
				break
			}
			for range a.now() {
				a.end <- nil
			}
		}
		assert.Equal(t, []int{2, 4, 8, 16, 32, 64, 200}, waves)
		for range 200 {
			a.end <- nil
		}
		synctest.Wait()
	})
}

func TestEasingInIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSlowly()
		s := open(t, a, time.Minute)
		time.Sleep(time.Minute)
		s.start(1)
		a.end <- nil
		synctest.Wait()
		s.start(10)
		require.Equal(t, 2, a.now(), "and these two hang")
		time.Sleep(30*time.Second - 1)
		s.start(10)
		require.Equal(t, 2, a.now())
		time.Sleep(time.Nanosecond)
		s.start(10)
		require.Equal(t, 12, a.now())
		for range 12 {
			a.end <- nil
		}
		synctest.Wait()
	})
}

func TestAFaultWhileEasingInOpensAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newSlowly()
		s := open(t, a, time.Minute)
		for range 3 {
			time.Sleep(time.Minute)
			s.start(1)
			a.end <- nil
			synctest.Wait()
			s.start(10)
			require.Equal(t, 2, a.now())
			a.end <- &otp.Error{Kind: otp.ErrUnavailable}
			synctest.Wait()
			s.start(10)
			require.Equal(t, 1, a.now(), "it is open")
			a.end <- nil // of before: it counts no more
			synctest.Wait()
			s.start(10)
			require.Zero(t, a.now())
		}
	})
}

func TestACallerWithoutTimeLearnsNothing(t *testing.T) {
	ended := func(ctx context.Context) error {
		return &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown, Err: ctx.Err()}
	}
	for name, c := range map[string]struct {
		deadline time.Duration
		cancel   bool
		opens    bool
	}{
		"a short deadline":                        {deadline: 999 * time.Millisecond},
		"a deadline in which vendors answer":      {deadline: time.Second, opens: true},
		"a caller who gives up after a long time": {deadline: time.Minute, cancel: true},
	} {
		synctest.Test(t, func(t *testing.T) {
			p, asked := failing(time.Hour, ended)
			b := must(route.Breaker(p))
			for range 10 {
				ctx, cancel := context.WithTimeout(t.Context(), c.deadline)
				if c.cancel {
					time.AfterFunc(30*time.Second, cancel)
				}
				_, _ = b.Send(ctx, otp.SendRequest{To: number})
				cancel()
			}
			assert.Equal(t, c.opens, *asked == defaultFaults, name)
		})
	}
	t.Run("an answer counts, whatever the deadline", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		p, asked := failing(0, func(context.Context) error {
			return &otp.Error{Kind: otp.ErrUnavailable, HTTPStatus: 503}
		})
		b := must(route.Breaker(p))
		for range 10 {
			_, _ = b.Send(ctx, otp.SendRequest{To: number})
		}
		assert.Equal(t, defaultFaults, *asked)
	})
}

func TestABreakerOutlivesAGoroutineThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		healthy := false
		p := &double{name: "a"}
		p.verify = func(context.Context, otp.Verification, string) error {
			if !healthy {
				runtime.Goexit()
			}
			return nil
		}
		p.send = func(context.Context, otp.SendRequest) (otp.Verification, error) {
			return otp.Verification{}, &otp.Error{Kind: otp.ErrUnavailable}
		}
		b := must(route.Breaker(p, route.WithFaults(1), route.WithOpenFor(time.Second)))
		var wait sync.WaitGroup
		for range 5 {
			wait.Go(func() { _ = b.Verify(t.Context(), otp.Verification{}, "1") })
		}
		wait.Wait()
		healthy = true
		require.NoError(t, b.Verify(t.Context(), otp.Verification{}, "1"))
	})
}

// An observer may end the goroutine, as a test's FailNow does.
func TestABreakerOutlivesAnObserverThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := leaf("a")
		a.FailSend(fault(otp.ErrUnavailable, otp.OutcomeUnknown))
		b := must(route.Breaker(a, route.WithFaults(1), route.WithOpenFor(time.Second)))
		_, err := b.Send(t.Context(), otp.SendRequest{To: number})
		require.Error(t, err)
		time.Sleep(time.Second)
		var wait sync.WaitGroup
		wait.Go(func() {
			_, _ = b.Send(otp.WithObserver(t.Context(), func(otp.Event) { runtime.Goexit() }), otp.SendRequest{To: number})
		})
		wait.Wait()
		assert.Equal(t, 1, sends(a), "it ended when it was told of the half-open state")
		_, err = b.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
	})
}

func TestABreakerOutlivesAContextThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := leaf("a")
		a.FailSend(fault(otp.ErrUnavailable, otp.OutcomeUnknown))
		b := must(route.Breaker(a, route.WithFaults(1), route.WithOpenFor(time.Second)))
		_, err := b.Send(t.Context(), otp.SendRequest{To: number})
		require.Error(t, err)
		time.Sleep(time.Second)
		assert.Panics(t, func() { _, _ = b.Send(brokenContext{t.Context()}, otp.SendRequest{To: number}) })
		_, err = b.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
	})
}

type brokenContext struct{ context.Context }

func (brokenContext) Value(any) any { panic("broken") }

func TestFailoverPassesAnOpenBreakerAtOnce(t *testing.T) {
	a, b := down("a"), leaf("b")
	r := must(route.Failover("main", must(route.Breaker(a)), b))
	for range 20 {
		v, code := sent(t, r, a, b)
		require.NoError(t, r.Verify(t.Context(), v, code))
	}
	assert.Equal(t, defaultFaults, sends(a))
}

func TestABreakerIsSafeForConcurrentUse(t *testing.T) {
	a := leaf("a")
	b := must(route.Breaker(a, route.WithFaults(3), route.WithOpenFor(time.Millisecond)))
	down := fault(otp.ErrUnavailable, otp.OutcomeUnknown)
	a.FailSend(down, down, down)
	var mu sync.Mutex
	changes := 0
	ctx := otp.WithObserver(t.Context(), func(otp.Event) { mu.Lock(); changes++; mu.Unlock() })
	var wait sync.WaitGroup
	for i := range 200 {
		wait.Go(func() {
			if i%2 == 0 {
				a.FailSend(down)
			}
			for range 10 {
				to := fmt.Sprintf("+9053%08d", i)
				_, err := b.Send(ctx, otp.SendRequest{To: to})
				assert.True(t, err == nil || errors.Is(err, otp.ErrUnavailable))
			}
		})
	}
	wait.Wait()
	assert.NotZero(t, changes)
}
