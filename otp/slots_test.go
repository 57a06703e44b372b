package otp_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

var perMinute = otp.Rate{Events: 250, Per: time.Minute}

func TestWholeAllowanceGoesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, perMinute)
		for range 3 {
			start := time.Now()
			for range perMinute.Events {
				take(t, limiter)(otp.OutcomeAccepted)
			}
			assert.Zero(t, time.Since(start))
			take(t, limiter)(otp.OutcomeAccepted)
			assert.Equal(t, perMinute.Per+slack, time.Since(start), "one more has to wait")
			time.Sleep(2 * perMinute.Per)
		}
	})
}

func TestSlotIsFreeAWindowAfterTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 3, Per: time.Minute})
		first, second, third := take(t, limiter), take(t, limiter), take(t, limiter)
		waiting := newQueue()
		for id := range 3 {
			waiting.join(t.Context(), id, waiter{limiter}.Wait)
		}

		time.Sleep(7 * time.Second)
		second(otp.OutcomeAccepted) // the first one to be answered
		time.Sleep(time.Second)
		first(otp.OutcomeAccepted)
		time.Sleep(30 * time.Second)
		third(otp.OutcomeAccepted)
		waiting.wg.Wait()

		assert.Equal(t, upTo(3), waiting.order)
		assert.Equal(t, []time.Duration{
			7*time.Second + time.Minute + slack,
			8*time.Second + time.Minute + slack,
			38*time.Second + time.Minute + slack,
		}, waiting.after)
	})
}

func TestUnansweredRequestKeepsItsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: 2 * time.Second})
		done := take(t, limiter)
		waiting := newQueue()
		waiting.join(t.Context(), 0, waiter{limiter}.Wait)

		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Empty(t, waiting.order)

		done(otp.OutcomeAccepted)
		waiting.wg.Wait()
		assert.Equal(t, []time.Duration{time.Hour + 2*time.Second + slack}, waiting.after)
	})
}

// waiter is an Acquirer as a Limiter whose requests are answered at once.
type waiter struct{ otp.Acquirer }

func (w waiter) Wait(ctx context.Context) error {
	done, err := w.Acquire(ctx)
	if err == nil {
		done(otp.OutcomeAccepted)
	}
	return err
}

func TestWaitIsAcquireAndDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := otp.Rate{Events: 2, Per: time.Minute}.Limiter()
		start := time.Now()
		for window := range 4 {
			for range 2 {
				require.NoError(t, limiter.Wait(t.Context()))
				assert.Equal(t, time.Duration(window)*(time.Minute+slack), time.Since(start))
			}
		}
	})
}

func TestDoneCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 2, Per: time.Minute})
		start := time.Now()
		first := take(t, limiter)
		take(t, limiter)
		first(otp.OutcomeAccepted)
		first(otp.OutcomeAccepted)
		first(otp.OutcomeAccepted)
		take(t, limiter)
		assert.Equal(t, time.Minute+slack, time.Since(start))

		first(otp.OutcomeAccepted) // its slot belongs to somebody else by now
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := limiter.Acquire(ctx)
		require.ErrorIs(t, err, otp.ErrRateLimited, "both slots are busy")
	})
}

func TestDoneFromManyGoroutinesCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
		done := take(t, limiter)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { done(otp.OutcomeAccepted) })
		}
		wg.Wait()
		start := time.Now()
		take(t, limiter)(otp.OutcomeAccepted)
		take(t, limiter)
		assert.Equal(t, 2*(time.Minute+slack), time.Since(start))
	})
}

func TestFirstComeFirstServed(t *testing.T) {
	for name, events := range map[string]int{"one slot": 1, "seven slots": 7, "more slots than waiters": 150} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := acquirer(t, otp.Rate{Events: events, Per: 2 * time.Second})
				for range events {
					take(t, limiter)(otp.OutcomeAccepted)
					time.Sleep(time.Microsecond) // so that no two slots are free at the same time
				}
				waiting := newQueue()
				for id := range 100 {
					waiting.join(t.Context(), id, waiter{limiter}.Wait)
				}
				waiting.wg.Wait()
				assert.Equal(t, upTo(100), waiting.order)
			})
		})
	}
}

func TestSlotsFreeTogetherServeAllWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 5, Per: time.Minute})
		for range 5 {
			take(t, limiter)(otp.OutcomeAccepted)
		}
		waiting := newQueue()
		var want []time.Duration
		for id := range 5 {
			time.Sleep(10 * time.Second)
			waiting.join(t.Context(), id, func(ctx context.Context) error {
				_, err := limiter.Acquire(ctx) // is not answered, which would wake the others
				return err
			})
			want = append(want, time.Minute+slack)
		}
		waiting.wg.Wait()
		assert.Equal(t, want, waiting.after)
	})
}

func TestFreeSlotIsNotRefusedWhileOthersWake(t *testing.T) {
	for range 50 { // it takes a caller that comes between the waking of two others
		synctest.Test(t, func(t *testing.T) {
			limiter := acquirer(t, otp.Rate{Events: 100, Per: time.Minute})
			for range 100 {
				take(t, limiter)(otp.OutcomeAccepted)
			}
			waiting := newQueue()
			for range 50 {
				waiting.wg.Go(func() { _, _ = limiter.Acquire(t.Context()) })
			}
			synctest.Wait()
			for range 20 {
				waiting.wg.Go(func() {
					time.Sleep(time.Minute + slack) // all 100 slots are free by now, for 70 callers
					ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
					defer cancel()
					_, err := limiter.Acquire(ctx)
					assert.NoError(t, err)
				})
			}
			waiting.wg.Wait()
		})
	}
}

func TestNewcomerDoesNotOvertake(t *testing.T) {
	for range 30 { // both goroutines wake at the same time, and either may be the faster one
		synctest.Test(t, func(t *testing.T) {
			limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
			take(t, limiter)(otp.OutcomeAccepted)
			waiting := newQueue()
			waiting.join(t.Context(), 0, waiter{limiter}.Wait)
			waiting.join(t.Context(), 1, func(ctx context.Context) error {
				time.Sleep(time.Minute + slack) // comes at the moment when the slot is free
				return waiter{limiter}.Wait(ctx)
			})
			waiting.wg.Wait()
			require.Equal(t, upTo(2), waiting.order)
			require.Equal(t, []time.Duration{time.Minute + slack, 2 * (time.Minute + slack)}, waiting.after)
		})
	}
}

func TestWaiterWhoGivesUpLeavesTheQueue(t *testing.T) {
	for name, leaver := range map[string]int{"the first": 0, "one in the middle": 2, "the last": 4} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
				take(t, limiter)(otp.OutcomeAccepted)
				ctx, cancel := context.WithCancel(t.Context())
				waiting := newQueue()
				var refused error
				for id := range 5 {
					if id == leaver {
						waiting.join(ctx, id, func(ctx context.Context) error {
							refused = waiter{limiter}.Wait(ctx)
							assert.Equal(t, time.Second, time.Since(waiting.start), "leaves at once")
							return refused
						})
						continue
					}
					waiting.join(t.Context(), id, waiter{limiter}.Wait)
				}
				time.Sleep(time.Second)
				cancel()
				waiting.wg.Wait()

				require.ErrorIs(t, refused, otp.ErrCanceled)
				require.ErrorIs(t, refused, context.Canceled)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(refused))
				var want []int
				for id := range 5 {
					if id != leaver {
						want = append(want, id)
					}
				}
				assert.Equal(t, want, waiting.order)
				for i, after := range waiting.after {
					assert.Equal(t, time.Duration(i+1)*(time.Minute+slack), after, "no slot is lost")
				}
			})
		})
	}
}

func TestNextWaiterLooksAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
		take(t, limiter)(otp.OutcomeAccepted)
		ctx, cancel := context.WithCancel(t.Context())
		waiting := newQueue()
		waiting.join(ctx, 0, waiter{limiter}.Wait)
		time.Sleep(50 * time.Second)
		waiting.join(t.Context(), 1, waiter{limiter}.Wait)
		time.Sleep(time.Second)
		cancel()
		waiting.wg.Wait()
		assert.Equal(t, []time.Duration{time.Minute + slack}, waiting.after)
	})
}

func TestHopelessDeadlineIsRefusedAtOnce(t *testing.T) {
	type setup func(t *testing.T, l otp.Acquirer)
	answered := func(t *testing.T, l otp.Acquirer) {
		t.Helper()
		take(t, l)(otp.OutcomeAccepted)
		time.Sleep(time.Second)
		take(t, l)(otp.OutcomeAccepted)
	}
	unanswered := func(t *testing.T, l otp.Acquirer) {
		t.Helper()
		take(t, l)
		take(t, l)
	}
	halfAnswered := func(t *testing.T, l otp.Acquirer) {
		t.Helper()
		take(t, l)(otp.OutcomeAccepted)
		take(t, l)
	}
	cases := []struct {
		name    string
		before  setup
		waiters int
		want    time.Duration // RetryAfter
	}{
		{"when the next slot cools too long", answered, 0, time.Minute + slack - time.Second},
		{"when somebody waits for that slot", answered, 1, time.Minute + slack},
		{"when both slots are spoken for", answered, 2, time.Minute},
		{"when both slots are spoken for twice", answered, 4, 2 * time.Minute},
		{"when no slot is answered yet", unanswered, 0, time.Minute},
		{"when one is answered", halfAnswered, 0, time.Minute + slack},
		{"when the one that is answered is spoken for", halfAnswered, 1, time.Minute},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limiter := acquirer(t, otp.Rate{Events: 2, Per: time.Minute})
				c.before(t, limiter)
				others, leave := context.WithCancel(t.Context())
				waiting := newQueue()
				for id := range c.waiters {
					waiting.join(others, id, waiter{limiter}.Wait)
				}

				for _, timeout := range []time.Duration{time.Nanosecond, c.want, c.want + time.Second - 1} {
					start := time.Now()
					ctx, cancel := context.WithTimeout(t.Context(), timeout)
					done, err := limiter.Acquire(ctx)
					cancel()
					assert.Zero(t, time.Since(start), "no time passes")
					assert.Nil(t, done)
					require.ErrorIs(t, err, otp.ErrRateLimited)
					require.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed yet")
					assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
					assert.Equal(t, c.want, failureOf(t, err).RetryAfter)
					assert.Contains(t, err.Error(), "the client's own limit of 2/1m is used up")
				}
				leave()
				waiting.wg.Wait()
			})
		})
	}
}

func TestDeadlineWithEnoughTimeIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
		take(t, limiter)(otp.OutcomeAccepted)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute+slack+time.Second)
		defer cancel()
		done, err := limiter.Acquire(ctx)
		require.NoError(t, err)
		done(otp.OutcomeAccepted)
		assert.Equal(t, time.Minute+slack, time.Since(start))
	})
}

func TestRefusedCallerTakesNoPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: time.Minute})
		start := time.Now()
		take(t, limiter)(otp.OutcomeAccepted)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 1000 {
			_, err := limiter.Acquire(ctx)
			require.ErrorIs(t, err, otp.ErrRateLimited)
		}
		take(t, limiter)
		assert.Equal(t, time.Minute+slack, time.Since(start))
	})
}

func TestReserveEndsAWaitForABusySlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 2, Per: 2 * time.Second})
		take(t, limiter)
		take(t, limiter)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		done, err := limiter.Acquire(ctx)
		assert.Equal(t, 4*time.Second, time.Since(start))
		assert.Nil(t, done)
		require.ErrorIs(t, err, otp.ErrRateLimited)
		require.NotErrorIs(t, err, context.DeadlineExceeded, "it has not passed yet")
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		assert.Equal(t, 2*time.Second, failureOf(t, err).RetryAfter, "at least a window")
	})
}

func TestMinuteIsKeptAtTheVendorAndUsed(t *testing.T) {
	account := hungry{
		rate: perMinute, callers: 2 * perMinute.Events, runs: 10 * perMinute.Per,
		travel: func(r *rand.Rand) time.Duration {
			if r.IntN(100) == 0 {
				return 5 * time.Second
			}
			return 20*time.Millisecond + time.Duration(r.Int64N(int64(380*time.Millisecond)))
		},
	}
	for seed := range uint64(3) {
		arrivals := account.run(t, seed)
		assert.LessOrEqual(t, mostInAWindow(arrivals, perMinute.Per), perMinute.Events)
		assert.GreaterOrEqual(t, account.used(arrivals), 0.98)
		t.Logf("seed %d: %d requests, %.4f of the allowance", seed, len(arrivals), account.used(arrivals))
	}
}

func TestWindowIsKeptWhateverTheNetworkDoes(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		slowest := time.Duration(rapid.IntRange(1, 5000).Draw(t, "slowest")) * time.Millisecond
		account := hungry{
			rate: otp.Rate{
				Events: rapid.IntRange(1, 8).Draw(t, "events"),
				Per:    time.Duration(rapid.IntRange(1, 8000).Draw(t, "per")) * time.Millisecond,
			},
			callers: rapid.IntRange(1, 20).Draw(t, "callers"),
			giveUp:  rapid.Bool().Draw(t, "giveUp"),
			travel:  func(r *rand.Rand) time.Duration { return time.Duration(r.Int64N(int64(slowest))) },
		}
		account.runs = 10 * (account.rate.Per + slowest)
		arrivals := account.run(outer, rapid.Uint64().Draw(t, "seed"))
		if most := mostInAWindow(arrivals, account.rate.Per); most > account.rate.Events {
			t.Fatalf("%d requests within one window", most)
		}
	})
}

// Callers come, give up, answer once or twice; when all is over, every slot is there, and none was
// added.
func TestNoSlotIsLostOrMade(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			const events = 10
			limiter := acquirer(t, otp.Rate{Events: events, Per: 2 * time.Second})
			var wg sync.WaitGroup
			for caller := range uint64(200) {
				wg.Go(func() {
					r := random(seed, caller)
					for range 5 {
						time.Sleep(time.Duration(r.Int64N(int64(time.Minute))))
						ctx, cancel := context.WithTimeout(t.Context(), time.Duration(r.Int64N(int64(20*time.Second))))
						if r.IntN(3) == 0 {
							time.AfterFunc(time.Duration(r.Int64N(int64(20*time.Second))), cancel)
						}
						done, err := limiter.Acquire(ctx)
						cancel()
						if err != nil {
							assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
							continue
						}
						time.Sleep(time.Duration(r.Int64N(int64(time.Second))))
						done(otp.OutcomeAccepted)
						if r.IntN(2) == 0 {
							go done(otp.OutcomeAccepted)
						}
					}
				})
			}
			wg.Wait()
			time.Sleep(2*time.Second + slack)

			start := time.Now()
			for range events {
				take(t, limiter)
			}
			assert.Zero(t, time.Since(start), "all slots are idle")
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_, err := limiter.Acquire(ctx)
			require.ErrorIs(t, err, otp.ErrRateLimited, "there is no other slot")
		})
	}
}

func TestLongWindowIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := acquirer(t, otp.Rate{Events: 1, Per: 366 * 24 * time.Hour})
		take(t, limiter)(otp.OutcomeAccepted)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := limiter.Acquire(ctx)
		require.ErrorIs(t, err, otp.ErrRateLimited)
	})
}
