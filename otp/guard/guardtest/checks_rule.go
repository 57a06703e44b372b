package guardtest

import (
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func ruleChecks() []check {
	return []check{
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
