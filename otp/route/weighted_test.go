package route_test

import (
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// spread is how often each provider sent, of so many sends.
func spread(t *testing.T, p otp.Provider, req otp.SendRequest, total int) map[string]int {
	t.Helper()
	got := make(map[string]int)
	for range total {
		v, err := p.Send(t.Context(), req)
		require.NoError(t, err)
		got[v.Provider]++
	}
	return got
}

func weighing(weights ...int) []route.Share {
	var shares []route.Share
	for i, weight := range weights {
		shares = append(shares, route.Share{Provider: &double{name: fmt.Sprint("p", i)}, Weight: weight})
	}
	return shares
}

func TestSharesAreKept(t *testing.T) {
	const total = 10_000
	req := otp.SendRequest{To: number}
	for _, weights := range [][]int{{1}, {1, 1}, {3, 1}, {70, 20, 10}, {1, 2, 3, 4, 5, 6, 7}, {999_999, 1}, {1, 99}, {1, 1_000_000, 1_000_000}} {
		for seed := range uint64(2) {
			r := must(route.WeightedSeeded("main", seed*0x123456789ABCDEF, weighing(weights...)...))
			sum := 0
			for _, weight := range weights {
				sum += weight
			}
			got := spread(t, r, req, total)
			for i, weight := range weights {
				want := total * float64(weight) / float64(sum)
				assert.InDelta(t, want, got[fmt.Sprint("p", i)], max(3, want/100), "weights %v, provider %d, seed %d", weights, i, seed)
			}
		}
	}
}

func TestSharesAreKeptFromTheStart(t *testing.T) {
	r := must(route.Weighted("main", weighing(3, 1)...))
	for range 50 {
		got := spread(t, r, otp.SendRequest{To: number}, 40)
		assert.InDelta(t, 30, got["p0"], 2)
	}
}

func TestWithoutASeedProgramsDoNotAllBeginAlike(t *testing.T) {
	got := make(map[string]int)
	for range 1000 {
		v, err := must(route.Weighted("main", weighing(1, 1)...)).Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		got[v.Provider]++
	}
	assert.InDelta(t, 500, got["p0"], 150)
}

func TestOthersShareWhatOneCannotServe(t *testing.T) {
	some := func(name string, channels ...otp.Channel) otp.Provider {
		return leafWith(name, otp.Features{}, channels...)
	}
	r := must(route.Weighted("main",
		route.Share{Provider: some("a", otp.SMS), Weight: 5},
		route.Share{Provider: some("b", otp.SMS, otp.WhatsApp), Weight: 3},
		route.Share{Provider: some("c", otp.SMS, otp.WhatsApp), Weight: 2},
	))
	const total = 10_000
	got := make(map[otp.Channel]map[string]int)
	for i := range total { // the kinds of requests alternate, as regular traffic may
		channel := []otp.Channel{otp.SMS, otp.WhatsApp}[i%2]
		v, err := r.Send(t.Context(), otp.SendRequest{To: number, Channel: channel})
		require.NoError(t, err)
		if got[channel] == nil {
			got[channel] = make(map[string]int)
		}
		got[channel][v.Provider]++
	}
	const half = total / 2
	for channel, want := range map[otp.Channel]map[string]float64{
		otp.SMS:      {"a": 0.5, "b": 0.3, "c": 0.2},
		otp.WhatsApp: {"b": 0.6, "c": 0.4},
	} {
		for name, share := range want {
			assert.InDelta(t, half*share, got[channel][name], half*share/100, "%s by %s", channel, name)
		}
	}
	_, err := r.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.Voice})
	require.ErrorIs(t, err, otp.ErrUnsupported)
	assert.Equal(t, "channel", failureOf(t, err).Field)
}

func TestWeightedAsksOneOnly(t *testing.T) {
	a, b := down("a"), down("b")
	r := must(route.Weighted("main", route.Share{Provider: a, Weight: 1}, route.Share{Provider: b, Weight: 1}))
	for range 10 {
		before := sends(a) + sends(b)
		_, err := r.Send(t.Context(), otp.SendRequest{To: number})
		require.ErrorIs(t, err, otp.ErrUnavailable)
		assert.NotEqual(t, "main", failureOf(t, err).Provider)
		assert.Equal(t, before+1, sends(a)+sends(b))
	}
}

func TestConcurrentSendsKeepTheShares(t *testing.T) {
	r := must(route.WeightedSeeded("main", 1, weighing(3, 1)...))
	const total = 10_000
	var first atomic.Int64
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() {
			for range total / 100 {
				v, err := r.Send(t.Context(), otp.SendRequest{To: number})
				assert.NoError(t, err)
				if v.Provider == "p0" {
					first.Add(1)
				}
			}
		})
	}
	wait.Wait()
	assert.InDelta(t, 0.75*total, first.Load(), 0.75*total/100)
	assert.LessOrEqual(t, math.Abs(float64(first.Load())-0.75*total), 5.0, "and better than that")
}
