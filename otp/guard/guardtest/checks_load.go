package guardtest

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

// load is a rule that asks from two untyped codes in 900 units on.
func (s *session) load(change func(l *guard.Load)) *guard.Load {
	l := &guard.Load{Windows: []guard.Window{{Per: 900 * s.unit, Floor: 2}}}
	change(l)
	return l
}

// asked makes a change with limits that have a Load, requires that it is answered by the challenge,
// 0 = it passes, and returns what was taken.
func (s *session) asked(passed, challenge int, limits ...guard.Limit) []guard.Taken {
	r := s.apply(guard.Change{Passed: passed, Take: limits})
	require.Equal(s, challenge, r.Challenge)
	require.Equal(s, challenge == 0, r.Refused == guard.RefusedByNone)
	if challenge > 0 {
		require.Positive(s, r.RetryAfter)
	}
	return r.Taken
}

func loadChecks() []check {
	limit := func(s *session, key string, change func(l *guard.Load)) guard.Limit {
		return guard.Limit{Key: key, Load: s.load(change), Kind: 1}
	}
	good := func(s *session, taken ...guard.Taken) { s.apply(guard.Change{Good: taken}) }
	return []check{
		{"a load asks from its floor on, and lets those pass who passed", func(s *session) {
			l := limit(s, "k", func(*guard.Load) {})
			first := s.asked(0, 0, l)
			s.asked(0, 0, l)
			s.asked(0, 1, l)
			s.asked(1, 0, l)
			s.apply(guard.Change{Back: first})
			s.asked(0, 1, l)
		}},
		{"what is good does not count, and what passed counts", func(s *session) {
			l := limit(s, "k", func(*guard.Load) {})
			good(s, s.asked(0, 0, l)...)
			good(s, s.asked(0, 0, l)...)
			s.asked(0, 0, l)
			good(s, s.asked(1, 0, l)...)
			s.asked(0, 0, l)
			s.asked(0, 1, l)
		}},
		{"a multiple of the threshold refuses those who passed", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) { l.Top = 2 })
			for n := range 4 {
				s.asked(min(n/2, 1), 0, l)
			}
			r := s.apply(guard.Change{Passed: 3, Take: []guard.Limit{l}})
			require.Equal(s, []int{0, 0}, []int{r.Refused, r.Challenge})
		}},
		{"a max refuses everybody", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) {
				l.Windows = []guard.Window{{Per: 4 * s.unit, Max: 2}, {Per: 900 * s.unit, Max: 3, Floor: 3}}
			})
			s.take(l)
			s.take(l)
			s.refused(0, 4, l)
			s.pass(4)
			s.take(l)
			s.refused(0, 896, l)
		}},
		{"what is good makes room, three times as much at first", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) { l.Grow, l.Learn = 1, true })
			good(s, s.asked(0, 0, l)...)
			for range 5 {
				s.asked(0, 0, l)
			}
			s.asked(0, 1, l)
		}},
		{"what was asked keeps a rule asking, until it passes", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) { l.Latch = true })
			taken := append(s.asked(0, 0, l), s.asked(0, 0, l)...)
			s.asked(0, 1, l)
			s.asked(0, 1, l)
			for _, t := range taken {
				s.apply(guard.Change{Back: []guard.Taken{t}})
			}
			s.asked(0, 1, l)
			s.apply(guard.Change{Back: s.asked(1, 0, l)})
			s.apply(guard.Change{Back: s.asked(1, 0, l)})
			s.asked(0, 0, l)
		}},
		{"what a wide rule asks counts at the narrow one", func(s *session) {
			narrow := limit(s, "narrow", func(l *guard.Load) { l.Latch, l.Windows[0].Floor = true, 3 })
			wide := limit(s, "wide", func(l *guard.Load) { l.Latch, l.Learn = true, true })
			s.asked(0, 0, narrow, wide)
			s.asked(0, 0, narrow, wide)
			require.Equal(s, 1, s.apply(guard.Change{Take: []guard.Limit{narrow, wide}}).Refused)
			require.Equal(s, 0, s.apply(guard.Change{Take: []guard.Limit{narrow, wide}}).Refused, "it takes over")
		}},
		{"what passes too easily makes higher challenges necessary", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) { l.Second = []guard.Window{{Per: 900 * s.unit, Floor: 2}} })
			for range 2 {
				s.asked(0, 0, l)
			}
			for passed := 1; passed <= 2; passed++ {
				s.asked(0, passed, l)
				s.asked(passed, 0, l)
				s.asked(passed, 0, l)
			}
			s.asked(2, 3, l)
			s.asked(3, 0, l)
		}},
		{"too many kinds are asked", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) { l.Kinds, l.TrustBelow, l.Grow, l.Windows[0].Floor = 2, 1, 1, 99 })
			of := func(kind uint16) guard.Limit { l.Kind = kind; return l }
			first := s.asked(0, 0, of(1))
			s.asked(0, 0, of(2))
			s.asked(0, 1, of(3))
			s.asked(0, 0, of(1))
			good(s, first...)
			s.asked(0, 0, of(3))
			s.asked(0, 1, of(4))
		}},
		{"where something was good, rules about many are mild", func(s *session) {
			near := limit(s, "near", func(l *guard.Load) { l.Grow, l.TrustBelow, l.Windows[0].Floor = 1, 2, 99 })
			wide := limit(s, "wide", func(l *guard.Load) { l.Learn = true })
			first := s.asked(0, 0, near, wide)
			s.asked(0, 0, wide)
			s.asked(0, 1, near, wide)
			good(s, first...)
			s.asked(1, 0, wide)
			s.asked(0, 0, near, wide)
			s.asked(0, 0, near, wide)
			s.asked(0, 1, near, wide)
		}},
		{"what is usual is learnt of days, and odd days are not", func(s *session) {
			const day = 24 * time.Hour
			if s.unit < virtualUnit {
				return // days do not pass in real time
			}
			learns := limit(s, "k", func(l *guard.Load) {
				l.Learn, l.Grow, l.Known, l.Windows = true, 1, 1, []guard.Window{{Per: time.Hour, Floor: 4}}
			})
			young := limit(s, "y", func(l *guard.Load) { l.OnlyYoung = true })
			for d := range 4 {
				taken := s.apply(guard.Change{Take: []guard.Limit{learns, young}}).Taken
				require.Equal(s, d == 0, taken[1].N > 0)
				good(s, taken[0])
				s.asked(0, 0, learns)
				s.asked(0, 0, learns)
				s.advance(day)
			}
			for range 6 { // a floor of four, and two are usual
				s.asked(0, 0, learns)
			}
			s.asked(0, 1, learns)
			s.apply(guard.Change{Clear: []string{"k"}})
			for range 6 {
				s.asked(0, 0, learns)
			}
			s.asked(0, 1, learns)
		}},
		{"a rule with a load that only records asks nobody", func(s *session) {
			l := limit(s, "k", func(l *guard.Load) { l.Latch = true })
			l.RecordOnly = true
			for n := range 4 {
				require.Equal(s, n >= 2, len(s.apply(guard.Change{Take: []guard.Limit{l}}).Over) > 0)
			}
		}},
	}
}
