package route_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestLearningOptionsAreChecked(t *testing.T) {
	two := []otp.Provider{leaf("a"), leaf("b")}
	for field, opts := range map[string][]route.LearningOption{
		"learning.memory":        {route.WithMemory(time.Hour - 1), route.WithMemory(91 * 24 * time.Hour), route.WithMemory(0)},
		"learning.result_window": {route.WithResultWindow(59 * time.Second), route.WithResultWindow(16 * time.Minute)},
		"learning.compare":       {route.WithCompare(-0.1), route.WithCompare(0.51), route.WithCompare(math.NaN())},
		"learning.price_margin": {
			route.WithPrices(-0.01, nil), route.WithPrices(0.21, nil), route.WithPrices(math.NaN(), nil),
		},
		`learning.prices["a"]`: {
			route.WithPrices(0, map[string]float64{"a": -1}), route.WithPrices(0, map[string]float64{"a": math.NaN()}),
			route.WithPrices(0, map[string]float64{"a": math.Inf(1)}),
		},
		`learning.prices["x"]`: {route.WithPrices(0, map[string]float64{"x": 1})},
		"learning.store":       {route.WithLearningStore(nil), route.WithLearningStore((*lateStore)(nil))},
		"learning":             {nil},
	} {
		for _, opt := range opts {
			_, err := route.Learning("main", two, opt)
			require.ErrorIs(t, err, otp.ErrMisconfigured, field)
			assert.Equal(t, field, failureOf(t, err).Field)
		}
	}
	_, err := route.Learning("main", nil)
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	_, err = route.Learning("main", two, route.WithMemory(time.Hour), route.WithResultWindow(time.Minute), route.WithCompare(0),
		route.WithPrices(0, map[string]float64{"a": 0, "b": 2}), route.WithSeed(1), route.WithLearningStore(&lateStore{}))
	require.NoError(t, err)
}

// people ask for codes, and type those that arrive.
type people struct {
	p      otp.Provider
	silent map[string]bool // vendors whose codes do not arrive
	sent   map[string]int  // by vendor
	number func(i int) string
	asked  int
}

func newPeople(p otp.Provider) *people {
	ps := &people{p: p, silent: map[string]bool{}, sent: map[string]int{}}
	ps.number = func(i int) string { return fmt.Sprintf("+905%09d", i*10007%1_000_000_000) }
	return ps
}

// come lets n people ask for a code, one a minute.
func (ps *people) come(ctx context.Context, t *testing.T, n int) {
	t.Helper()
	for range n {
		ps.asked++
		v, err := ps.p.Send(ctx, otp.SendRequest{To: ps.number(ps.asked)})
		require.NoError(t, err)
		ps.sent[v.Provider]++
		time.Sleep(20 * time.Second)
		if !ps.silent[v.Provider] {
			require.NoError(t, ps.p.Verify(ctx, v, "123456"))
		}
		time.Sleep(40 * time.Second)
	}
}

func (ps *people) shareOf(t *testing.T, vendor string) float64 {
	t.Helper()
	const n = 300
	ps.sent = map[string]int{}
	ps.come(t.Context(), t, n)
	return float64(ps.sent[vendor]) / float64(n)
}

// plain is a vendor that says neither when it has sent nor by which channel.
func plain(name string) *double {
	ids := 0
	return &double{name: name, send: func(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
		ids++
		return otp.Verification{Provider: name, ID: fmt.Sprint(name, ids), To: req.To}, nil
	}}
}

func learning(vendors ...otp.Provider) *route.Router {
	return must(route.Learning("main", vendors, route.WithSeed(1)))
}

func TestLearningLeavesASilentVendor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps := newPeople(learning(plain("a"), plain("b")))
		var told events
		ps.come(t.Context(), t, 500)
		ps.silent["a"] = true
		ps.come(told.observe(t.Context()), t, 60)
		assert.Contains(t, told, "{Router:main Provider:a Change:set_aside CallingCode:+90 Channel:sms}")
		assert.Less(t, ps.shareOf(t, "a"), 0.05)
		assert.Positive(t, ps.sent["a"], "it is tried")

		ps.silent = map[string]bool{}
		told = nil
		ps.come(told.observe(t.Context()), t, 500)
		assert.Contains(t, fmt.Sprint(told), "Provider:a Change:taken_back")
		assert.Greater(t, ps.shareOf(t, "a"), 0.15, "nothing is held against it")
	})
}

func TestLearningHandsOnAsFailoverDoes(t *testing.T) {
	a, b := leafWith("a", otp.Features{}, otp.Voice), down("b")
	c := leaf("c")
	r := learning(a, b, c)
	for range 20 {
		v, err := r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.SMS})
		require.NoError(t, err)
		assert.Equal(t, "c", v.Provider)
	}
	assert.Empty(t, a.Calls())
	for range 20 {
		c.FailSend(fault(otp.ErrUnavailable, otp.OutcomeUnknown))
		v, err := r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.SMS})
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.Equal(t, "c", v.Provider)
	}
	_, err := r.Send(t.Context(), otp.SendRequest{To: "+12"})
	require.ErrorIs(t, err, otp.ErrInvalidRecipient)
}

func TestLearningFollowsOpenBreakers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := leaf("a"), leaf("b")
		r := learning(must(route.Breaker(a, route.WithFaults(1), route.WithOpenFor(time.Hour))), b)
		a.FailSend(fault(otp.ErrUnavailable, otp.OutcomeNotSent))
		var told events
		for range 50 {
			_, err := r.Send(told.observe(t.Context()), otp.SendRequest{To: number})
			require.NoError(t, err)
		}
		assert.Equal(t, events{
			"{Provider:a Op:send From:closed To:open}", "{Router:main From:a To:b Kind:unavailable}",
		}, told, "it is not even asked")
		time.Sleep(time.Hour)
		for range 50 {
			_, err := r.Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
		}
		assert.Greater(t, sends(a), 20, "it is back, with all that is known of it")
	})
}

func TestLearningGoesAnotherWayAgain(t *testing.T) {
	r := learning(leafWith("a", otp.Features{}, otp.SMS), leafWith("b", otp.Features{}, otp.SMS))
	for range 50 {
		v, err := r.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		other, err := r.Send(t.Context(), again(v, otp.SendRequest{To: number}))
		require.NoError(t, err)
		assert.NotEqual(t, v.Provider, other.Provider)
	}
}

// experienced are people whose router knows both of its vendors.
func experienced(t *testing.T) *people {
	t.Helper()
	ps := newPeople(learning(plain("a"), plain("b")))
	ps.come(t.Context(), t, 500)
	return ps
}

func TestUndeliveredIsBadNewsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps := experienced(t)
		for i := range 60 {
			v, err := ps.p.Send(t.Context(), otp.SendRequest{To: ps.number(100_000 + i)})
			require.NoError(t, err)
			if v.Provider == "a" {
				route.Undelivered(must(route.Failover("outer", ps.p)), v)
			} else {
				require.NoError(t, ps.p.Verify(t.Context(), v, "123456"))
			}
		}
		assert.Contains(t, ps.p.(*route.Router).Explain("+90"), "so it is set aside until")
	})
}

func TestUndeliveredOfOthersChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps := experienced(t)
		before := ps.p.(*route.Router).Explain("+90")
		for range 100 {
			route.Undelivered(ps.p, via("gone", otp.SMS))
			route.Undelivered(ps.p, via("a", otp.SMS))
		}
		assert.Equal(t, before, ps.p.(*route.Router).Explain("+90"))
	})
}

func TestRobotsDoNotChangeRoutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ps := experienced(t)
		for i := range 2000 { // of one range of numbers
			_, err := ps.p.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+90599999%04d", i)})
			require.NoError(t, err)
			if i%10 == 0 {
				ps.come(t.Context(), t, 1)
			}
		}
		assert.NotContains(t, ps.p.(*route.Router).Explain("+90"), "set aside")
	})
}

func TestDoubtfulSendsTeachNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := learning(plain("a"), plain("b"))
		guarded, err := guard.New(r, guard.Deny("+90"), guard.RecordOnly(guard.RuleDeny), guard.Without(guard.RuleBlock, guard.RuleCountry))
		require.NoError(t, err)
		newPeople(guarded).come(t.Context(), t, 100)
		assert.Contains(t, r.Explain("+90"), "there are no results yet")
	})
}

func TestLateCodesDoNotCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := learning(leaf("a"))
		v, code := sent(t, r, r.Unwrap()[0].(*otptest.Provider))
		time.Sleep(5*time.Minute + time.Second)
		_ = r.Verify(t.Context(), v, code)
		time.Sleep(2 * time.Minute)
		assert.Contains(t, r.Explain("+90"), "48.5 % of its codes come back (1 results)")
	})
}

func TestPricesDecideBetweenEquals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := must(route.Learning("main", []otp.Provider{plain("dear"), plain("cheap")}, route.WithSeed(1),
			route.WithPrices(0.2, map[string]float64{"dear": 2, "cheap": 1})))
		ps := newPeople(r)
		ps.come(t.Context(), t, 500)
		assert.Greater(t, ps.shareOf(t, "cheap"), 0.9)
		ps.silent["cheap"] = true
		ps.come(t.Context(), t, 60)
		assert.Greater(t, ps.shareOf(t, "dear"), 0.9)
	})
}

func TestChannelsAreLearnedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sms, whatsApp := leafWith("sms", otp.Features{}, otp.SMS, otp.WhatsApp), leafWith("whatsapp", otp.Features{}, otp.WhatsApp, otp.SMS)
		r := learning(sms, whatsApp)
		send := func(channel otp.Channel, n int) {
			for range n {
				v, err := r.Send(t.Context(), otp.SendRequest{To: number, Channel: channel})
				require.NoError(t, err)
				if v.Channel == otp.SMS || v.Provider == "whatsapp" {
					code, _ := map[string]*otptest.Provider{"sms": sms, "whatsapp": whatsApp}[v.Provider].Code(number)
					require.NoError(t, r.Verify(t.Context(), v, code))
				}
				time.Sleep(6 * time.Minute)
			}
		}
		send("", 50)
		send(otp.WhatsApp, 150)
		assert.Regexp(t, `\+90 by sms: .*\n\+90 by the default channels: .*\n\+90 by whatsapp: whatsapp gets 9`, r.Explain("+90"))
		assert.NotContains(t, r.Explain("+49"), "+49")
	})
}

func TestForeignVerificationsTeachNothing(t *testing.T) {
	r := learning(plain("a"))
	for _, v := range []otp.Verification{{Provider: "a"}, {Provider: "a", To: "+"}, {Provider: "a", To: "12345"}, {Provider: "a", To: number, Channel: "pigeon"}} {
		require.NoError(t, r.Verify(t.Context(), v, "123456"))
		route.Undelivered(r, v)
	}
	require.ErrorIs(t, r.Verify(t.Context(), via("gone", otp.SMS), "123456"), otp.ErrMisconfigured)
	assert.Equal(t, "there are no results yet; a leads", r.Explain("+90"))
	assert.Empty(t, must(route.Failover("main", r)).Explain("+90"))
}

func TestTheSameSeedGivesTheSameChoices(t *testing.T) {
	choices := func(seed uint64) (all []string) {
		r := must(route.Learning("main", []otp.Provider{plain("a"), plain("b"), plain("c")}, route.WithSeed(seed)))
		for range 50 {
			v, err := r.Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
			all = append(all, v.Provider)
		}
		return all
	}
	assert.Equal(t, choices(1), choices(1))
	assert.NotEqual(t, choices(1), choices(2))
}
