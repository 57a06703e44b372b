package guardtest

import (
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func ruleChecks() []check {
	good := func(s *session, keys ...string) { s.apply(guard.Change{Good: keys}) }
	return []check{
		{"a share of counts that are not good refuses from its floor on", func(s *session) {
			limit := s.limit("k", 0, 9)
			limit.Floor, limit.Share = 3, 0.5
			for range 3 {
				s.take(limit)
			}
			s.refused(0, 9, limit)
			good(s, "k")
			require.Equal(s, 4, s.count(limit), "two are not good: below the floor")
			s.refused(0, 9, limit)
			good(s, "k")
			require.Equal(s, 5, s.count(limit))
			s.refused(0, 9, limit)
			good(s, "k", "k")
			s.take(limit)
			s.take(limit)
			s.refused(0, 9, s.withShare(limit, 0.4))
			s.take(s.withShare(limit, 0.5))
		}},
		{"a share that is just reached does not refuse", func(s *session) {
			limit := s.limit("k", 0, 9)
			for range 4 {
				s.take(limit)
			}
			good(s, "k", "k")
			limit.Floor = 2
			s.refused(0, 9, s.withShare(limit, 0.49))
			s.take(s.withShare(limit, 0.5))
		}},
		{"good ends with its counter, and needs one", func(s *session) {
			limit := s.limit("k", 0, 2)
			limit.Floor, limit.Share = 1, 0
			good(s, "k")
			s.take(limit)
			s.refused(0, 2, limit)
			good(s, "k")
			s.take(limit)
			s.pass(2)
			s.take(limit)
			s.refused(0, 2, limit)
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
	}
}

func (s *session) withShare(limit guard.Limit, share float64) guard.Limit {
	limit.Share = share
	return limit
}
