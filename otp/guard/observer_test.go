package guard_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

func TestTheObserverIsToldWhichRulesAreAgainstACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, store := withStore(t, guard.Deny("+33"), guard.RecordOnly(guard.RuleBudget, guard.RuleHook),
			guard.WithBudget(otp.Rate{Events: 1, Per: time.Hour}),
			guard.BeforeSend(func(_ context.Context, req otp.SendRequest) error {
				if req.To == number {
					return nil
				}
				return errors.New("risky")
			}))
		var told []otp.Event
		ctx := otp.WithObserver(t.Context(), func(otp.Event) { panic("dropped") })
		ctx = otp.WithObserver(ctx, func(e otp.Event) { told = append(told, e) })
		event := func(op, rule string, refused bool) otp.Event {
			return otp.GuardEvent{Provider: "otptest", Op: op, Rule: rule, Refused: refused}
		}
		requireTold := func(want ...otp.Event) {
			t.Helper()
			require.Equal(t, want, told)
			told = nil
		}

		sent, code := v.sent(ctx, number)
		requireTold()
		v.sent(ctx, "+905321234568")
		requireTold(event("send", "hook", false), event("send", "budget", false))
		v.refusedSend(ctx, number, guard.RuleCooldown, 30*time.Second)
		requireTold(event("send", "budget", false), event("send", "cooldown", true))
		v.refusedSend(ctx, "+33612345678", guard.RuleDeny, 0)
		requireTold(event("send", "deny", true))

		require.NoError(t, v.guard.Verify(ctx, sent, code))
		requireTold()
		v.refusedVerify(ctx, sent, code, guard.RuleUsed, 0)
		requireTold(event("verify", "used", true))

		store.fail = failures["an error"]
		v.refusedSend(ctx, number, guard.RuleStore, 0)
		requireTold(event("send", "store", true))
	})
}

func TestWithoutAnObserverNobodyIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t)
		v.sent(t.Context(), number)
		v.refusedSend(t.Context(), number, guard.RuleCooldown, 30*time.Second)
		assert.Len(t, v.decisions, 2)
	})
}
