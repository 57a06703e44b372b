package guardtest

import "github.com/stretchr/testify/require"

func gapChecks() []check {
	return []check{
		{"gaps grow with the counts, and the last one stays", func(s *session) {
			limit := s.gaps("k", 9, 1, 3)
			s.take(limit)
			s.refused(0, 1, limit)
			s.pass(1)
			s.take(limit)
			s.pass(1)
			s.refused(0, 2, limit)
			s.pass(2)
			require.Equal(s, 3, s.count(limit))
			s.pass(1)
			s.refused(0, 2, limit)
			s.pass(2)
			require.Equal(s, 4, s.count(limit))
		}},
		{"with gaps, a window begins with the last count", func(s *session) {
			limit := s.gaps("k", 3, 1)
			s.take(limit)
			s.pass(2)
			require.Equal(s, 2, s.count(limit))
			s.pass(2)
			require.Equal(s, 3, s.count(limit), "the first count is older than the window, the last one is not")
			s.pass(3)
			require.Equal(s, 1, s.count(limit))
		}},
		{"who comes too early does not wait longer for it", func(s *session) {
			limit := s.gaps("k", 9, 2)
			s.take(limit)
			s.pass(1)
			s.refused(0, 1, limit)
			s.pass(1)
			s.take(limit)
		}},
		{"gaps and max hold together", func(s *session) {
			limit := s.gaps("k", 6, 1)
			limit.Max = 2
			s.take(limit)
			s.refused(0, 1, limit)
			s.pass(1)
			s.take(limit)
			s.refused(0, 6, limit)
		}},
	}
}
