package guard_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// broken is a store that can be made to fail.
type broken struct {
	guard.Store

	fail func(ctx context.Context, c guard.Change) (guard.Result, error)
}

func (b *broken) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	if b.fail != nil {
		return b.fail(ctx, c)
	}
	return b.Store.Apply(ctx, c)
}

var errDown = errors.New("store: connection refused")

// failures are the ways in which a store fails.
var failures = map[string]func(ctx context.Context, c guard.Change) (guard.Result, error){
	"an error": func(context.Context, guard.Change) (guard.Result, error) { return guard.Result{}, errDown },
	"an error with an answer": func(context.Context, guard.Change) (guard.Result, error) {
		return guard.Result{Refused: guard.RefusedByNone}, errDown
	},
	"a panic": func(context.Context, guard.Change) (guard.Result, error) { panic("secret") },
	"hangs": func(ctx context.Context, _ guard.Change) (guard.Result, error) {
		<-ctx.Done()
		return guard.Result{}, ctx.Err()
	},
	"answers nothing": func(context.Context, guard.Change) (guard.Result, error) {
		return guard.Result{}, nil
	},
	"answers that it took nothing": func(_ context.Context, c guard.Change) (guard.Result, error) {
		if len(c.Take) == 0 { // then there is nothing to answer
			return guard.Result{}, errDown
		}
		return guard.Result{Refused: guard.RefusedByNone}, nil
	},
	"asks for a challenge that there is not": func(context.Context, guard.Change) (guard.Result, error) {
		return guard.Result{Refused: 0, Challenge: 4, RetryAfter: time.Second}, nil
	},
	"answers with an index out of range": func(context.Context, guard.Change) (guard.Result, error) {
		return guard.Result{Refused: 99}, nil
	},
	"answers with another index out of range": func(context.Context, guard.Change) (guard.Result, error) {
		return guard.Result{Refused: -3}, nil
	},
	"records with an index out of range": func(_ context.Context, c guard.Change) (guard.Result, error) {
		return guard.Result{Refused: guard.RefusedByNone, Taken: make([]guard.Taken, len(c.Take)), Over: []int{99}}, nil
	},
}

func withStore(t *testing.T, opts ...guard.Option) (*vendor, *broken) {
	t.Helper()
	memory, err := guard.NewMemory(0)
	require.NoError(t, err)
	store := &broken{Store: memory}
	opts = append(opts, guard.WithStore(store), guard.WithKey([]byte("0123456789abcdef")))
	return guarded(t, opts...), store
}

func TestWithoutAStoreNothingPasses(t *testing.T) {
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, store := withStore(t)
				sent, code := v.sent(t.Context(), number)
				store.fail = fail
				start := time.Now()
				v.refusedSend(t.Context(), "+33612345678", guard.RuleStore, 0)
				v.refusedVerify(t.Context(), sent, code, guard.RuleStore, 0)
				assert.LessOrEqual(t, time.Since(start), 2*time.Second)
				err := v.guard.Verify(t.Context(), sent, code)
				require.ErrorIs(t, err, otp.ErrUnavailable)
				require.NotErrorIs(t, err, otp.ErrCodeRejected)
				require.NotContains(t, err.Error(), "secret")
				require.ErrorIs(t, v.guard.Unlock(t.Context(), number), otp.ErrUnavailable)
				last := v.decisions[len(v.decisions)-1]
				assert.True(t, last.Refused)
				require.Error(t, last.Err)

				store.fail = nil
				require.NoError(t, v.guard.Verify(t.Context(), sent, code), "nothing was spent")
			})
		})
	}
}

func TestFailOpenLetsSendsPassAndNothingElse(t *testing.T) {
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, store := withStore(t, guard.FailOpen())
				store.fail = fail
				sent, code := v.sent(t.Context(), number)
				v.sent(t.Context(), number)
				last := v.decisions[len(v.decisions)-1]
				assert.Equal(t, guard.RuleStore, last.Rule)
				assert.False(t, last.Refused)
				require.Error(t, last.Err)
				v.refusedVerify(t.Context(), sent, code, guard.RuleStore, 0)
			})
		})
	}
}

func TestAStoreThatFailsAfterARightCodeLetsNobodyIn(t *testing.T) {
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, store := withStore(t, guard.FailOpen())
				sent, code := v.sent(t.Context(), number)
				store.fail = func(ctx context.Context, c guard.Change) (guard.Result, error) {
					if len(c.Take) > 0 {
						return store.Store.Apply(ctx, c)
					}
					return fail(ctx, c)
				}
				err := v.guard.Verify(t.Context(), sent, code)
				require.ErrorIs(t, err, otp.ErrUnavailable)
				require.NotErrorIs(t, err, otp.ErrRefused)
				assert.Equal(t, otp.OutcomeAccepted, otp.OutcomeOf(err))
			})
		})
	}
}

func TestAStoreThatFailsAfterASendChangesNothingAboutIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := withStore(t)
		store.fail = func(ctx context.Context, c guard.Change) (guard.Result, error) {
			if len(c.Take) > 0 {
				return store.Store.Apply(ctx, c)
			}
			return guard.Result{}, errDown
		}
		sent, code := v.sent(t.Context(), number)
		require.ErrorIs(t, v.decisions[len(v.decisions)-1].Err, errDown)
		v.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
		_, err := v.guard.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
		require.ErrorIs(t, err, otp.ErrUnavailable)
		assert.Zero(t, v.refusedSend(t.Context(), "+33612345678", guard.RuleCooldown, 30*time.Second), "the count stays")
		store.fail = nil
		v.refusedVerify(t.Context(), sent, code, guard.RuleBinding, 0)
	})
}

func TestACallerWhoGaveUpIsToldSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := withStore(t, guard.FailOpen())
		store.fail = failures["hangs"]
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, cancel)
		start := time.Now()
		_, err := v.guard.Send(ctx, otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrCanceled)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		assert.Equal(t, time.Millisecond, time.Since(start))
		assert.Zero(t, v.calls("send"))

		ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		err = v.guard.Verify(ctx, otp.Verification{Provider: "otptest", ID: "1", To: number}, "123456")
		require.ErrorIs(t, err, otp.ErrUnavailable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestFailOpenIsNotForAStoreOfAnyKindThatIsFull(t *testing.T) {
	v, store := withStore(t, guard.FailOpen())
	store.fail = func(context.Context, guard.Change) (guard.Result, error) {
		return guard.Result{}, fmt.Errorf("no room: %w", guard.ErrFull)
	}
	v.refusedSend(t.Context(), number, guard.RuleStore, 0)
}

// A restart, or another process, must not lock people out: what a store does not remember, the
// vendor judges.
func TestTheVendorJudgesWhatTheStoreDoesNotKnow(t *testing.T) {
	v := guarded(t)
	sent, code := v.sent(guard.WithCaller(t.Context(), guard.Caller{Purpose: "login"}), number)
	restarted, err := guard.New(v.Provider)
	require.NoError(t, err)
	require.ErrorIs(t, restarted.Verify(t.Context(), sent, wrong(code)), otp.ErrWrongCode)
	require.NoError(t, restarted.Verify(t.Context(), sent, code))
}

func TestGuardsThatShareAStoreAndKeyShareLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory, err := guard.NewMemory(0)
		require.NoError(t, err)
		key := make([]byte, 16)
		one := guarded(t, guard.WithStore(memory), guard.WithKey(key))
		key[0] = 1
		two := guarded(t, guard.WithStore(memory), guard.WithKey(make([]byte, 16)))
		three := guarded(t, guard.WithStore(memory), guard.WithKey([]byte("another key here")))
		sent, _ := one.sent(inSession(t.Context()), number)
		assert.Equal(t, sent.ID, two.refusedSend(inSession(t.Context()), number, guard.RuleCooldown, 30*time.Second).ID)
		three.sent(t.Context(), number)
	})
}

func TestTheOrderOfRatesMeansNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		long, short := otp.Rate{Events: 3, Per: time.Hour}, otp.Rate{Events: 2, Per: time.Minute}
		store, key := guard.WithStore(memory(t, 0)), guard.WithKey(make([]byte, 16))
		one := guarded(t, store, key, only(guard.RuleNumber), guard.WithNumberLimit(long, short))
		two := guarded(t, store, key, only(guard.RuleNumber), guard.WithNumberLimit(short, long))
		one.sent(t.Context(), number)
		two.sent(t.Context(), number)
		one.refusedSend(t.Context(), number, guard.RuleNumber, time.Minute)
		time.Sleep(time.Minute)
		two.sent(t.Context(), number)
		one.refusedSend(t.Context(), number, guard.RuleNumber, 59*time.Minute)
		two.refusedSend(t.Context(), number, guard.RuleNumber, 59*time.Minute)
	})
}

// spy looks at what a store sees.
type spy struct {
	guard.Store

	seen []guard.Change
}

func (s *spy) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	s.seen = append(s.seen, c)
	return s.Store.Apply(ctx, c)
}

func TestAStoreSeesNoNumbersAndNoCodes(t *testing.T) {
	memory, err := guard.NewMemory(0)
	require.NoError(t, err)
	store := &spy{Store: memory}
	v := guarded(t, guard.WithStore(store), guard.WithKey(make([]byte, 16)))
	ctx := guard.WithCaller(t.Context(), guard.Caller{Purpose: "canary1", Session: "canary2", Device: "canary3"})
	sent, code := v.sent(ctx, number)
	require.Error(t, v.guard.Verify(ctx, sent, wrong(code)))
	require.NoError(t, v.guard.Verify(ctx, sent, code))
	require.Len(t, store.seen, 2+1+2, "a send is two steps, a wrong code one, a right one two")
	for _, change := range store.seen {
		require.NoError(t, change.Check())
		text := printed(change)
		for _, secret := range []string{number[4:10], number, code, wrong(code), "canary"} {
			assert.NotContains(t, text, secret)
		}
	}
}

// printed is a change as text, its bytes included.
func printed(c guard.Change) string {
	text := fmt.Sprintf("%+v", c)
	for _, value := range c.Set {
		text += string(value.Data)
	}
	return text
}
