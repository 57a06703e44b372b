package guardtest

import (
	"strings"
	"sync"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func limitChecks() []check {
	return []check{
		{"a change of nothing is nothing", func(s *session) {
			require.Equal(s, guard.Result{Refused: guard.RefusedByNone}, s.apply(guard.Change{}))
		}},
		{"a limit lets its max pass, refuses, and lets pass when a count has left", func(s *session) {
			limit := s.limit("k", 3, 2)
			for n := range 3 {
				require.Equal(s, n+1, s.count(limit))
			}
			s.refused(0, 2, limit)
			s.pass(2)
			require.Equal(s, 1, s.count(limit))
		}},
		{"each count stays for a window of its own", func(s *session) {
			limit := s.limit("k", 3, 6)
			for range 3 {
				s.take(limit)
				s.pass(2)
			}
			require.Equal(s, 3, s.count(limit), "the first one has left")
			s.refused(0, 2, limit)
			s.pass(2)
			s.take(limit)
			s.refused(0, 2, limit)
		}},
		{"no window holds more than the max, whoever chooses the moments", func(s *session) {
			for _, most := range []int{3, 20} { // counted exactly, and in parts
				limit := s.limit(strings.Repeat("k", most), most, 6)
				at, counted := 0.0, []float64(nil)
				for _, wait := range []float64{5.5, 0.4, 0.5, 1, 4.5, 0.4, 0.6, 3, 2.9, 0.3} {
					for range 2 * most {
						if s.apply(guard.Change{Take: []guard.Limit{limit}}).Refused == guard.RefusedByNone {
							counted = append(counted, at)
						}
					}
					s.pass(wait)
					at += wait
				}
				require.GreaterOrEqual(s, len(counted), 2*most)
				for i := most; i < len(counted); i++ {
					require.GreaterOrEqual(s, counted[i]-counted[i-most], 5.9)
				}
			}
		}},
		{"a reserve is kept for a mark", func(s *session) {
			s.apply(guard.Change{Set: []guard.Value{s.value("known", "", 900)}})
			limit := s.limit("k", 4, 9)
			limit.Reserve, limit.ReserveFor = 2, 2
			ask := func(mark string) int {
				return s.apply(guard.Change{Marks: []string{"nobody", mark}, Take: []guard.Limit{limit}}).Refused
			}
			for _, want := range []int{guard.RefusedByNone, guard.RefusedByNone, 0} {
				require.Equal(s, want, ask("stranger"))
			}
			for _, want := range []int{guard.RefusedByNone, guard.RefusedByNone, 0} {
				require.Equal(s, want, ask("known"))
			}
		}},
		{"a reserve of all leaves nothing for others", func(s *session) {
			s.apply(guard.Change{Set: []guard.Value{s.value("known", "", 900)}})
			plain, gaps := s.limit("k", 2, 9), s.limit("g", 2, 9)
			gaps.Gaps = s.gaps("g", 9, 0.1).Gaps
			for _, limit := range []guard.Limit{plain, gaps} {
				limit.Reserve, limit.ReserveFor = 2, 2
				for _, c := range []struct {
					mark string
					want int
				}{{"stranger", 0}, {"known", guard.RefusedByNone}, {"stranger", 0}} {
					r := s.apply(guard.Change{Marks: []string{"nobody", c.mark}, Take: []guard.Limit{limit}})
					require.Equal(s, c.want, r.Refused, c.mark)
					require.Equal(s, c.want == 0, r.RetryAfter > 0)
				}
			}
		}},
		{"limits are skipped with and without marks", func(s *session) {
			s.apply(guard.Change{Set: []guard.Value{s.value("m", "", 900)}})
			with, without, wrong := s.limit("with", 1, 9), s.limit("without", 1, 9), s.limit("wrong", 1, 9)
			with.With, without.Without, wrong.With = 1, 1, 2
			for _, c := range []struct {
				mark string
				n    []int
			}{{"m", []int{1, 0, 0}}, {"n", []int{0, 1, 0}}} {
				r := s.apply(guard.Change{Marks: []string{c.mark}, Take: []guard.Limit{with, without, wrong}})
				require.Equal(s, c.mark == "m", r.Marks == 1)
				require.Equal(s, c.n, []int{r.Taken[0].N, r.Taken[1].N, r.Taken[2].N})
			}
		}},
		{"what is refused is neither counted nor lengthens a window", func(s *session) {
			limit := s.limit("k", 1, 2)
			s.take(limit)
			s.pass(1)
			s.refused(0, 1, limit)
			s.pass(1)
			require.Equal(s, 1, s.count(limit))
		}},
		{"all limits are counted, or none", func(s *session) {
			full, room := s.limit("full", 1, 9), s.limit("room", 9, 9)
			s.take(full)
			s.refused(1, 9, room, full)
			s.refused(0, 9, full, room)
			require.Equal(s, 1, s.count(room), "nothing was counted when the other refused")
		}},
		{"the first limit that refuses is named, and the longest wait", func(s *session) {
			short, long := s.limit("short", 1, 2), s.limit("long", 1, 9)
			s.take(short, long)
			s.refused(1, 9, s.limit("room", 1, 9), short, long)
			s.refused(0, 9, long, short)
		}},
		{"a limit without max only counts", func(s *session) {
			for n := range 50 {
				require.Equal(s, n+1, s.count(s.limit("k", 0, 9)))
			}
		}},
		{"a limit that was lowered refuses", func(s *session) {
			for range 3 {
				s.take(s.limit("k", 9, 9))
			}
			s.refused(0, 9, s.limit("k", 2, 9))
		}},
		{"what was taken is told in order", func(s *session) {
			s.take(s.limit("b", 0, 9))
			taken := s.take(s.limit("c", 0, 9), s.limit("b", 0, 9), s.limit("a", 0, 9))
			require.Equal(s, []int{1, 2, 1}, []int{taken[0].N, taken[1].N, taken[2].N})
		}},
		{"a rule that only records counts and reports", func(s *session) {
			limit := s.limit("k", 1, 9)
			limit.RecordOnly = true
			require.Empty(s, s.apply(guard.Change{Take: []guard.Limit{limit}}).Over)
			early := s.gaps("g", 9, 5)
			early.RecordOnly = true
			s.take(early)
			result := s.apply(guard.Change{Take: []guard.Limit{s.limit("room", 1, 9), early, limit}})
			require.Equal(s, guard.RefusedByNone, result.Refused)
			require.Zero(s, result.RetryAfter)
			require.Equal(s, []int{1, 2}, result.Over)
			require.Equal(s, 2, result.Taken[1].N)
			require.Equal(s, 2, result.Taken[2].N)
		}},
		{"a rule that only records reports when another refuses, and counts nothing", func(s *session) {
			record, full := s.limit("k", 1, 9), s.limit("full", 1, 2)
			record.RecordOnly = true
			s.take(record, full)
			result := s.apply(guard.Change{Take: []guard.Limit{record, full}})
			require.Equal(s, 1, result.Refused)
			require.Equal(s, []int{0}, result.Over)
			require.LessOrEqual(s, result.RetryAfter, 2*s.unit+s.unit/2, "who only records makes nobody wait")
			require.Equal(s, 2, s.count(record))
		}},
		{"as many as the max pass, however many come at once", func(s *session) {
			const callers, most = 200, 5
			other := s.limit("other", 0, 900)
			passed := together(s, callers, guard.Change{Take: []guard.Limit{other, s.limit("k", most, 900)}})
			require.Equal(s, most, passed)
			require.Equal(s, most+1, s.count(other), "who was refused is counted nowhere")
		}},
	}
}

// together makes the same change many times at once and returns how often it was not refused.
func together(s *session, callers int, c guard.Change) int {
	var wg sync.WaitGroup
	results := make([]guard.Result, callers)
	errs := make([]error, callers)
	start := make(chan struct{})
	for i := range callers {
		wg.Go(func() {
			<-start
			results[i], errs[i] = s.store.Apply(s.Context(), c)
		})
	}
	close(start)
	wg.Wait()
	passed := 0
	for i, result := range results {
		require.NoError(s, errs[i])
		if result.Refused == guard.RefusedByNone {
			passed++
		}
	}
	return passed
}
