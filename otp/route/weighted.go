package route

import (
	"math/bits"
	"math/rand/v2"
	"sync/atomic"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// Share is a provider and its part of the sends: with weights of 3 and 1 it is three quarters and
// one quarter.
type Share struct {
	// Provider gets the part, and must not be nil.
	Provider otp.Provider

	// Weight is 1 to 1,000,000. To take a provider out, leave it out, or keep it with [Draining].
	Weight int
}

const mostWeight = 1_000_000

// Weighted spreads sends over providers in proportion to their weights. The shares are kept from
// the first sends on: over any 10,000 in a row, each is right to a fraction of a per cent.
// Providers that cannot serve a request are left out of its draw, and the others have their share
// in proportion.
//
// The provider that is drawn is the only one that is asked: what it fails to send is not handed on.
// For that, make each share a [Failover].
func Weighted(name string, shares ...Share) (*Router, error) {
	return weighted(name, rand.Uint64(), shares...) //nolint:gosec // no secret: it is where the cycle begins
}

// weighted draws in the same order for the same seed.
func weighted(name string, seed uint64, of ...Share) (*Router, error) {
	drawn := shares{}
	providers := make([]otp.Provider, len(of))
	for i, share := range of {
		if share.Weight < 1 || share.Weight > mostWeight {
			return nil, check.Misconfigured(at("shares", i)+".weight", "must be 1 to 1000000")
		}
		providers[i] = share.Provider
		drawn.weights = append(drawn.weights, uint64(share.Weight))
	}
	r, err := newRouter(name, "weighted", providers)
	if err != nil {
		return nil, err
	}
	drawn.next.Store(seed)
	r.shares = &drawn
	return r, nil
}

// shares draws providers. Successive points of a golden-ratio sequence fall more evenly than random
// ones, for any weights and for any regular selection of the requests, and one atomic addition is
// all that concurrent sends share.
type shares struct {
	weights []uint64
	next    atomic.Uint64
}

// goldenRatio is 2^64 divided by the golden ratio.
const goldenRatio = 0x9E3779B97F4A7C15

// draw returns the one of providers that gets req, or all of them when none can serve it.
func (s *shares) draw(providers []otp.Provider, req otp.SendRequest) []otp.Provider {
	var few [16]uint64
	weights := append(few[:0], s.weights...)
	var sum uint64
	for i, p := range providers {
		if otp.CanSend(p, req) != nil {
			weights[i] = 0
		}
		sum += weights[i]
	}
	if sum == 0 {
		return providers
	}
	point, _ := bits.Mul64(s.next.Add(goldenRatio), sum) // 0 to sum-1
	i := 0
	for point >= weights[i] {
		point -= weights[i]
		i++
	}
	return providers[i : i+1]
}
