package guardtest

import (
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func backChecks() []check {
	back := func(s *session, taken ...guard.Taken) { s.apply(guard.Change{Back: taken}) }
	return []check{
		{"what is given back can be taken again", func(s *session) {
			limit := s.limit("k", 2, 9)
			s.take(limit)
			taken := s.take(limit)
			s.refused(0, 9, limit)
			back(s, taken...)
			require.Equal(s, 2, s.count(limit))
			s.refused(0, 9, limit)
		}},
		{"what was given back does not count later", func(s *session) {
			limit := s.limit("k", 9, 4)
			back(s, s.take(limit)...)
			s.pass(2)
			s.take(limit)
			s.pass(3)
			require.Equal(s, 2, s.count(limit))
		}},
		{"what is forgotten is not given back", func(s *session) {
			limit := s.limit("k", 1, 2)
			taken := s.take(limit)
			s.pass(2)
			back(s, taken...)
			s.take(limit)
			back(s, taken...)
			s.refused(0, 2, limit)
			s.apply(guard.Change{Clear: []string{"k"}})
			s.take(limit)
			back(s, taken...)
			s.refused(0, 2, limit)
		}},
		{"nothing falls below zero", func(s *session) {
			limit := s.limit("k", 1, 9)
			taken := s.take(limit)
			back(s, taken...)
			back(s, taken...)
			s.take(limit)
			s.refused(0, 9, limit)
		}},
		{"giving back one of many counters leaves the others", func(s *session) {
			a, b := s.limit("a", 1, 9), s.limit("b", 1, 9)
			taken := s.take(a, b)
			back(s, taken[1])
			s.refused(0, 9, a)
			s.take(b)
		}},
		{"after the first count was given back, no gap is left", func(s *session) {
			limit := s.gaps("k", 9, 2)
			back(s, s.take(limit)...)
			require.Equal(s, 1, s.count(limit))
			s.refused(0, 2, limit)
		}},
		{"after a count was given back, the gap is that after the one before it", func(s *session) {
			limit := s.gaps("k", 9, 2, 4)
			s.take(limit)
			s.pass(2)
			back(s, s.take(limit)...)
			require.Equal(s, 2, s.count(limit), "two units have passed since the first count")
			s.refused(0, 4, limit)
		}},
		{"a count with gaps is given back once", func(s *session) {
			limit := s.gaps("k", 9, 1)
			s.take(limit)
			s.pass(1)
			second := s.take(limit)
			s.pass(1)
			third := s.take(limit)
			back(s, third...)
			back(s, second...)
			back(s, second...)
			back(s, third...)
			require.Equal(s, 2, s.count(limit), "the first count is still there")
		}},
		{"what has left its window is not given back", func(s *session) {
			limit := s.limit("k", 20, 3)
			taken := s.take(limit)
			s.pass(2)
			s.take(limit)
			s.pass(1)
			back(s, taken...)
			require.Equal(s, 2, s.count(limit), "the other one stays")
		}},
	}
}
