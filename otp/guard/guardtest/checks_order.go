package guardtest

import (
	"fmt"
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

// orderChecks make changes in many orders: of guards with other limits on the same counter, that
// die before they give back, while the clock goes forth and, where the harness can do that, back.
// The times are those of a clock that stands still while the store's goes back.
func orderChecks() []check {
	const rounds, changes, window = 20, 60, 10.0
	return []check{
		{"no order of changes makes a limit looser", func(s *session) {
			if s.unit < virtualUnit {
				return // it would take too long
			}
			random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same orders each time
			for round := range rounds {
				now, counting := 0.0, 0.0 // counting is when something was counted last
				var counted []float64
				limits := []guard.Limit{s.limit(fmt.Sprint("k", round), 4, window), s.limit(fmt.Sprint("k", round), 20, window)}
				for range changes {
					wait := random.Float64() * random.Float64() * 8
					if s.back && random.IntN(4) == 0 {
						wait = -wait
					}
					s.pass(wait)
					now += wait
					at := max(counting, now)
					limit := limits[random.IntN(len(limits))]
					inside := 0
					for _, before := range counted {
						if before > at-window+0.01 {
							inside++
						}
					}
					r := s.apply(guard.Change{Take: []guard.Limit{limit}})
					if r.Refused != guard.RefusedByNone {
						continue
					}
					require.Less(s, inside, limit.Max)
					counting = at
					if random.IntN(3) > 0 { // the others' guards die, or their codes were sent
						counted = append(counted, at)
						continue
					}
					s.apply(guard.Change{Back: r.Taken})
				}
			}
		}},
	}
}
