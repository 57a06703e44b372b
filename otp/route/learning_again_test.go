package route_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestLearnedOutlivesItsRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := learning(plain("a"), plain("b"))
		ps := newPeople(first)
		ps.silent["a"] = true
		ps.come(t.Context(), t, 200)
		require.Contains(t, first.Explain("+90"), "a")

		next := func(names ...string) *route.Router {
			var vendors []otp.Provider
			for _, name := range names {
				vendors = append(vendors, plain(name))
			}
			return must(route.Learning("main", vendors, route.WithSeed(1), route.WithLearned(first)))
		}
		for _, names := range [][]string{{"a", "b"}, {"b", "a"}, {"c", "a", "b"}} {
			ps.p = next(names...)
			assert.Less(t, ps.shareOf(t, "a"), 0.1, "%v: it is still set aside", names)
		}
		assert.Equal(t, first.Explain("+90"), next("a", "b").Explain("+90"))

		ps.p = next("d") // nothing is known of it
		assert.Equal(t, 1.0, ps.shareOf(t, "d"))
		ps.p = must(route.Learning("main", []otp.Provider{plain("a")}, route.WithLearned(must(route.Failover("x", plain("b"))))))
		assert.Equal(t, 1.0, ps.shareOf(t, "a"), "a failover has learned nothing")
	})
}

// A code that went out before the change of routers is typed after it.
func TestCodesUnderWayCountAtTheNextRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := learning(plain("a"))
		var sent []otp.Verification
		for i := range 30 {
			v, err := first.Send(t.Context(), otp.SendRequest{To: newPeople(first).number(i)})
			require.NoError(t, err)
			sent = append(sent, v)
		}
		next := must(route.Learning("main", []otp.Provider{plain("a")}, route.WithLearned(first)))
		for _, v := range sent {
			require.NoError(t, next.Verify(t.Context(), v, "123456"))
		}
		typed := next.Explain("+90")
		assert.Contains(t, typed, "(30 results)")
		time.Sleep(time.Hour)
		assert.Equal(t, typed, next.Explain("+90"), "none of them counts as not typed")
	})
}

// What a guard doubted before the change of routers teaches nothing after it.
func TestDoubtsOutliveTheirRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := leaf("a")
		first := learning(a)
		guarded, err := guard.New(first, guard.Deny("+90"), guard.RecordOnly(guard.RuleDeny), guard.Without(guard.RuleBlock, guard.RuleCountry))
		require.NoError(t, err)
		verify := func(p otp.Provider, v otp.Verification) {
			code, _ := a.Code(v.To)
			require.NoError(t, p.Verify(t.Context(), v, code))
		}
		clean, err := first.Send(t.Context(), otp.SendRequest{To: newPeople(first).number(1)})
		require.NoError(t, err)
		verify(first, clean)
		doubtful, err := guarded.Send(t.Context(), otp.SendRequest{To: newPeople(first).number(0)})
		require.NoError(t, err)
		next := must(route.Learning("main", []otp.Provider{a}, route.WithSeed(2), route.WithLearned(first)))
		verify(next, doubtful)
		assert.Contains(t, next.Explain("+90"), "(1 results)")
	})
}

// A bad receipt that comes once before the change and once after it counts once.
func TestBadNewsCountsOnceAcrossRouters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := learning(plain("a"))
		var v otp.Verification
		for i := range 5 {
			var err error
			v, err = first.Send(t.Context(), otp.SendRequest{To: newPeople(first).number(i)})
			require.NoError(t, err)
		}
		route.Undelivered(first, v)
		next := must(route.Learning("main", []otp.Provider{plain("a")}, route.WithSeed(2), route.WithLearned(first)))
		route.Undelivered(next, v)
		assert.Contains(t, next.Explain("+90"), "(1 results)")
	})
}
