package guard_test

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
)

func TestAVerificationServesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		sent, code := v.sent(t.Context(), number)
		require.NoError(t, v.guard.Verify(t.Context(), sent, " "+code+"\n"))
		v.refusedVerify(t.Context(), sent, code, guard.RuleUsed, 0)
		err := v.guard.Verify(t.Context(), sent, code)
		require.ErrorIs(t, err, otp.ErrAlreadyVerified)
		require.ErrorIs(t, err, otp.ErrCodeRejected)
		time.Sleep(24*time.Hour - time.Second)
		v.refusedVerify(t.Context(), sent, code, guard.RuleUsed, 0)
	})
}

// twice is a vendor that accepts a right code as often as it comes.
type twice struct{ otp.Provider }

func (twice) Verify(context.Context, otp.Verification, string) error { return nil }

func TestOneOfManyRightCodesWins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		behind := &slow{Provider: twice{v.Provider}, takes: time.Second}
		g, err := guard.New(behind, guard.WithAttempts(100), guard.Without(guard.RuleWrongCodes))
		require.NoError(t, err)
		sent, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		var won, used, others atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				switch err := g.Verify(t.Context(), sent, "123456"); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, otp.ErrAlreadyVerified) && otp.OutcomeOf(err) == otp.OutcomeAccepted:
					used.Add(1)
				default:
					others.Add(1)
				}
			})
		}
		wg.Wait()
		assert.Equal(t, []int64{1, 99, 0}, []int64{won.Load(), used.Load(), others.Load()})
	})
}

func TestAttemptsPerVerification(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		sent, err := v.guard.Send(t.Context(), otp.SendRequest{To: number, MaxAttempts: 10})
		require.NoError(t, err)
		code, _ := v.Code(number)
		for n := range 5 {
			err := v.guard.Verify(t.Context(), sent, wrong(code))
			require.ErrorIs(t, err, otp.ErrWrongCode)
			require.Equal(t, 4-n, *failureOf(t, err).AttemptsLeft, "the vendor would allow ten")
		}
		v.refusedVerify(t.Context(), sent, code, guard.RuleAttempts, 0)
		require.ErrorIs(t, v.guard.Verify(t.Context(), sent, code), otp.ErrTooManyAttempts)

		time.Sleep(30 * time.Second)
		sent, code = v.sent(t.Context(), number)
		require.NoError(t, v.guard.Verify(t.Context(), sent, code), "a new code has attempts of its own")
	})
}

func TestTwoHundredGuessesAtOnceAreFiveRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		behind := &slow{Provider: v.Provider, takes: time.Second}
		g, err := guard.New(behind)
		require.NoError(t, err)
		sent, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		behind.asked.Store(0)
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() { assert.Error(t, g.Verify(t.Context(), sent, fmt.Sprintf("x%05d", i))) })
		}
		wg.Wait()
		assert.EqualValues(t, 5, behind.asked.Load())
	})
}

// guess sends a new code and types wrong ones, until the guard refuses to send or to verify.
func (v *vendor) guess(ctx context.Context, codes int) {
	v.t.Helper()
	sent, code := v.sent(ctx, number)
	for range codes {
		require.ErrorIs(v.t, v.guard.Verify(ctx, sent, wrong(code)), otp.ErrWrongCode)
	}
}

func TestANewCodeDoesNotResetWrongCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(), guard.WithWrongCodeLimit(otp.Rate{Events: 6, Per: time.Hour}))
		v.guess(t.Context(), 3)
		v.guess(guard.WithCaller(t.Context(), guard.Caller{Purpose: "another"}), 3)
		sent, code := v.sent(t.Context(), number)
		v.refusedVerify(t.Context(), sent, code, guard.RuleWrongCodes, time.Hour)
		require.ErrorIs(t, v.guard.Verify(t.Context(), sent, code), otp.ErrTooManyAttempts)
		other, otherCode := v.sent(t.Context(), "+33612345678")
		require.NoError(t, v.guard.Verify(t.Context(), other, otherCode))
		time.Sleep(time.Hour)
		sent, code = v.sent(t.Context(), number)
		require.NoError(t, v.guard.Verify(t.Context(), sent, code))
	})
}

func TestARightCodeResetsWrongCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(), guard.WithWrongCodeLimit(otp.Rate{Events: 4, Per: time.Hour}))
		for range 5 {
			v.guess(t.Context(), 3)
			sent, code := v.sent(t.Context(), number)
			require.NoError(t, v.guard.Verify(t.Context(), sent, code))
		}
	})
}

func TestUnlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(), guard.WithWrongCodeLimit(otp.Rate{Events: 3, Per: time.Hour}))
		v.guess(t.Context(), 3)
		sent, code := v.sent(t.Context(), number)
		v.refusedVerify(t.Context(), sent, code, guard.RuleWrongCodes, time.Hour)
		require.NoError(t, v.guard.Unlock(t.Context(), number))
		require.NoError(t, v.guard.Verify(t.Context(), sent, code))
		err := v.guard.Unlock(t.Context(), "905321234567")
		require.ErrorIs(t, err, otp.ErrInvalidRecipient)
		assert.Equal(t, "unlock", failureOf(t, err).Op)
	})
}

func TestAHundredWrongCodesInARowLockANumberInAnyCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, only(), guard.Without(guard.RuleWrongCodes), guard.RecordOnly(guard.RuleAttempts))
		for range 50 {
			v.guess(t.Context(), 2)
			time.Sleep(time.Hour)
		}
		sent, code := v.sent(t.Context(), number)
		v.refusedVerify(t.Context(), sent, code, guard.RuleWrongCodes, 30*24*time.Hour-time.Hour) // counted in parts of two and a half days
		require.NoError(t, v.guard.Unlock(t.Context(), number))
		require.NoError(t, v.guard.Verify(t.Context(), sent, code))
	})
}

func TestAnAttemptIsGivenBackOnlyWhenNothingWasJudged(t *testing.T) {
	cases := []struct {
		failure otp.Error
		spent   bool
	}{
		{otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}, false},
		{otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent}, false},
		{otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown}, true},
		{otp.Error{Kind: otp.ErrProtocol, Outcome: otp.OutcomeAccepted}, true},
		{otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted}, true},
		{otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeNotSent}, true},
		{otp.Error{Kind: otp.ErrCanceled, Outcome: otp.OutcomeUnknown}, true},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.failure.Kind, " ", c.failure.Outcome), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t, guard.WithAttempts(1))
				sent, code := v.sent(t.Context(), number)
				v.FailVerify(c.failure)
				err := v.guard.Verify(t.Context(), sent, wrong(code))
				require.ErrorIs(t, err, c.failure.Kind)
				require.NotErrorIs(t, err, otp.ErrRefused)
				if c.spent {
					v.refusedVerify(t.Context(), sent, code, guard.RuleAttempts, 0)
				} else {
					require.NoError(t, v.guard.Verify(t.Context(), sent, code))
				}
			})
		})
	}
}

func TestWhoHangsUpGetsNoFurtherAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		behind := &slow{Provider: v.Provider, takes: time.Second}
		g, err := guard.New(behind)
		require.NoError(t, err)
		sent, err := g.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		code, _ := v.Code(number)
		behind.asked.Store(0)
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			require.Error(t, g.Verify(ctx, sent, wrong(code)))
			cancel()
		}
		assert.EqualValues(t, 5, behind.asked.Load())

		other, err := g.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
		require.NoError(t, err)
		code, _ = v.Code("+33612345678")
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		require.NoError(t, g.Verify(ctx, other, code))
		require.ErrorIs(t, g.Verify(t.Context(), other, code), otp.ErrAlreadyVerified, "it is used up although the caller had gone")
	})
}

func TestACodeServesForItsNumberAndPurposeOnly(t *testing.T) {
	login := guard.Caller{Purpose: "login"}
	for name, change := range map[string]func(v *otp.Verification, c *guard.Caller){
		"another number":  func(v *otp.Verification, _ *guard.Caller) { v.To = "+33612345678" },
		"another purpose": func(_ *otp.Verification, c *guard.Caller) { c.Purpose = "payment" },
		"no purpose":      func(_ *otp.Verification, c *guard.Caller) { c.Purpose = "" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t)
				sent, code := v.sent(guard.WithCaller(t.Context(), login), number)
				changed, caller := sent, login
				change(&changed, &caller)
				ctx := guard.WithCaller(t.Context(), caller)
				v.refusedVerify(ctx, changed, code, guard.RuleBinding, 0)
				require.ErrorIs(t, v.guard.Verify(ctx, changed, code), otp.ErrNotFound)
				require.NoError(t, v.guard.Verify(guard.WithCaller(t.Context(), login), sent, code))
			})
		})
	}
}

// Anyone who can change a Verification must not get further attempts by it: neither at a vendor
// that goes by the reference, nor at one that goes by the number.
func TestAChangedVerificationBringsNoFurtherAttempts(t *testing.T) {
	guesses := func(t *testing.T, change func(v *otp.Verification, i int)) int {
		t.Helper()
		v := guarded(t, guard.WithWrongCodeLimit(otp.Rate{Events: 7, Per: time.Hour}))
		sent := otp.Verification{Provider: "otptest", ID: "nobodyknows", To: number}
		for i := range 200 {
			forged := sent
			change(&forged, i)
			require.Error(t, v.guard.Verify(t.Context(), forged, "123456"))
		}
		return v.calls("verify")
	}
	assert.Equal(t, 5, guesses(t, func(v *otp.Verification, i int) { v.To = fmt.Sprintf("+9053212%05d", i) }))
	assert.Equal(t, 7, guesses(t, func(v *otp.Verification, i int) { v.ID = fmt.Sprint(i) }))
	assert.Equal(t, 5, guesses(t, func(v *otp.Verification, _ int) { v.ID = "" }))
	assert.Equal(t, 5, guesses(t, func(v *otp.Verification, i int) {
		v.ID, v.To = strings.ToUpper(v.ID[:i%10])+v.ID[i%10:], fmt.Sprintf("+9053212%05d", i)
	}))
	assert.Equal(t, 5, guesses(t, func(v *otp.Verification, i int) {
		v.Channel, v.ExpiresAt = otp.Channel(fmt.Sprint(i)), time.Now().Add(time.Duration(i)*time.Hour)
	}))
}

func TestABadVerificationIsNotCounted(t *testing.T) {
	v := guarded(t)
	sent, code := v.sent(t.Context(), number)
	long := strings.Repeat("x", 1025)
	for _, bad := range []struct {
		v    otp.Verification
		code string
		kind otp.Kind
	}{
		{sent, "", otp.ErrWrongCode},
		{sent, "12\u20ac34", otp.ErrWrongCode},
		{otp.Verification{}, code, otp.ErrInvalidRecipient},
		{otp.Verification{Provider: sent.Provider, ID: sent.ID, To: "+90,+91"}, code, otp.ErrInvalidRecipient},
		{otp.Verification{Provider: sent.Provider, ID: long, To: number}, code, otp.ErrInvalidRequest},
		{otp.Verification{Provider: sent.Provider, ID: sent.ID + " ", To: number}, code, otp.ErrInvalidRequest},
		{otp.Verification{Provider: sent.Provider, ID: sent.ID + "\u00a0", To: number}, code, otp.ErrInvalidRequest},
		{otp.Verification{Provider: long, ID: sent.ID, To: number}, code, otp.ErrInvalidRequest},
	} {
		for range 10 {
			err := v.guard.Verify(t.Context(), bad.v, bad.code)
			require.ErrorIs(t, err, bad.kind)
			failure := failureOf(t, err)
			require.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			require.Equal(t, []string{"otptest", "verify"}, []string{failure.Provider, failure.Op})
		}
	}
	foreign := sent
	foreign.Provider = "somebody-else"
	for range 10 {
		require.ErrorIs(t, v.guard.Verify(t.Context(), foreign, code), otp.ErrMisconfigured, "the provider behind says so")
	}
	require.NoError(t, v.guard.Verify(t.Context(), sent, code))
}

func TestUnknownVerificationNeedsANewCode(t *testing.T) {
	for name, send := range map[string]func(t *testing.T, v *vendor) (otp.Verification, error){
		"sent before there was a guard": func(t *testing.T, v *vendor) (otp.Verification, error) {
			t.Helper()
			return v.Send(t.Context(), otp.SendRequest{To: number})
		},
		"sent by a guard with another store": func(t *testing.T, v *vendor) (otp.Verification, error) {
			t.Helper()
			other, err := guard.New(v.Provider)
			require.NoError(t, err)
			return other.Send(t.Context(), otp.SendRequest{To: number})
		},
		"sent two hours ago": func(t *testing.T, v *vendor) (otp.Verification, error) {
			t.Helper()
			sent, err := v.guard.Send(t.Context(), otp.SendRequest{To: number, TTL: 10 * time.Minute})
			time.Sleep(2 * time.Hour)
			return sent, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, _ := withStore(t)
				sent, err := send(t, v)
				require.NoError(t, err)
				code, _ := v.Code(number)
				v.refusedVerify(t.Context(), sent, code, guard.RuleBinding, 0)
				err = v.guard.Verify(t.Context(), sent, code)
				require.ErrorIs(t, err, otp.ErrNotFound)
				var refusal *guard.Refusal
				require.ErrorAs(t, err, &refusal)
				require.ErrorContains(t, refusal, "send a new code")
				sent, code = v.sent(t.Context(), number)
				require.NoError(t, v.guard.Verify(t.Context(), sent, code))
			})
		})
	}
}

func TestVendorJudgesWhatAStoreCannotKnow(t *testing.T) {
	failOpen, _ := withStore(t, guard.FailOpen())
	for name, v := range map[string]*vendor{"memory": guarded(t), "FailOpen": failOpen} {
		t.Run(name, func(t *testing.T) {
			sent, err := v.Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
			code, _ := v.Code(number)
			require.NoError(t, v.guard.Verify(t.Context(), sent, code))
		})
	}
}

func TestSendIsKnownAlthoughNoRuleCounts(t *testing.T) {
	v, _ := withStore(t, only())
	sent, code := v.sent(t.Context(), number)
	require.NoError(t, v.guard.Verify(t.Context(), sent, code))
}

func TestEverySendIsKnownToASharedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, _ := withStore(t)
		v.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown})
		unknown, err := v.guard.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrUnavailable)
		require.ErrorIs(t, v.guard.Verify(t.Context(), unknown, "000000"), otp.ErrWrongCode)
		time.Sleep(time.Minute)
		again, err := v.guard.Send(t.Context(), otp.SendRequest{To: number, Previous: &unknown})
		require.NoError(t, err)
		code, _ := v.Code(number)
		require.NoError(t, v.guard.Verify(t.Context(), again, code))
	})
}

// A guard may be there for the attempts alone.
func TestSendThatNoRuleCountsIsKnownToASharedStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attemptsOnly := guard.Without(guard.RuleCooldown, guard.RuleNumber, guard.RuleBlock, guard.RuleCountry, guard.RuleBudget)
		shared, _ := withStore(t, attemptsOnly)
		for _, v := range []*vendor{shared, guarded(t, attemptsOnly)} {
			v.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
			_, err := v.guard.Send(t.Context(), otp.SendRequest{To: number})
			require.ErrorIs(t, err, otp.ErrUnavailable)
			sent, code := v.sent(t.Context(), number)
			require.NoError(t, v.guard.Verify(t.Context(), sent, code))
			v.refusedVerify(t.Context(), sent, code, guard.RuleUsed, 0)
		}
	})
}

// Attempts are counted over all live codes of a person, although somebody makes up further
// verifications to have them counted anew.
func TestMadeUpVerificationsBringNoFurtherAttempts(t *testing.T) {
	shared := func(t *testing.T, opts ...guard.Option) *vendor {
		t.Helper()
		v, _ := withStore(t, opts...)
		return v
	}
	for name, guarded := range map[string]func(*testing.T, ...guard.Option) *vendor{"memory": guarded, "store": shared} {
		for madeUp := 1; madeUp <= 5; madeUp++ {
			synctest.Test(t, func(t *testing.T) {
				v := guarded(t, guard.WithWrongCodeLimit(otp.Rate{Events: 100, Per: time.Hour}))
				ctx := guard.WithCaller(t.Context(), guard.Caller{Session: "s"})
				var sent [3]otp.Verification
				for i := range sent {
					time.Sleep(100 * time.Second)
					sent[i], _ = v.sent(ctx, number)
				}
				for i := range 20 {
					_ = v.guard.Verify(ctx, sent[i%3], "00000x")
					for n := range madeUp {
						other := sent[0]
						other.ID = fmt.Sprintf("made-up-%d-%d", i, n)
						_ = v.guard.Verify(ctx, other, "00000x")
					}
				}
				guesses := 0
				for _, call := range v.Calls() {
					if call.Op == "verify" && !strings.HasPrefix(call.Verification.ID, "made-up") {
						guesses++
					}
				}
				assert.LessOrEqual(t, guesses, 5, "%s, %d", name, madeUp)
			})
		}
	}
}
