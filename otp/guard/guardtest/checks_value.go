package guardtest

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func valueChecks() []check {
	set := func(s *session, values ...guard.Value) { s.apply(guard.Change{Set: values}) }
	return []check{
		{"a value is remembered for its time", func(s *session) {
			require.Nil(s, s.get("v"))
			set(s, s.value("v", "one", 2), s.value("w", "two", 9))
			require.Equal(s, "one", string(s.get("v")))
			s.pass(2)
			require.Nil(s, s.get("v"))
			require.Equal(s, "two", string(s.get("w")))
		}},
		{"a value that is set again has its new time", func(s *session) {
			set(s, s.value("v", "one", 2))
			set(s, s.value("v", "two", 4))
			s.pass(2)
			require.Equal(s, "two", string(s.get("v")))
			set(s, s.value("v", "three", 1))
			s.pass(1)
			require.Nil(s, s.get("v"))
		}},
		{"get reads what was there before the change", func(s *session) {
			set(s, s.value("v", "one", 9))
			result := s.apply(guard.Change{Get: "v", Set: []guard.Value{s.value("v", "two", 9)}})
			require.Equal(s, "one", string(result.Data))
			result = s.apply(guard.Change{Get: "v", Clear: []string{"v"}})
			require.Equal(s, "two", string(result.Data))
			require.Nil(s, s.get("v"))
		}},
		{"any bytes are kept, and none at all", func(s *session) {
			bytes := strings.Repeat("\x00\xff\r\n\"é", 500)
			set(s, s.value("v", bytes, 9), s.value("empty", "", 9))
			require.Equal(s, bytes, string(s.get("v")))
			empty := s.get("empty")
			require.NotNil(s, empty, "an empty value is there")
			require.Empty(s, empty)
			require.Equal(s, guard.RefusedByUnless, s.apply(guard.Change{Unless: []string{"empty"}}).Refused)
		}},
		{"a value that is there refuses the change, and nothing of it happens", func(s *session) {
			limit := s.limit("k", 9, 9)
			set(s, s.value("there", "yes", 9))
			result := s.apply(guard.Change{
				Unless: []string{"missing", "there"}, Take: []guard.Limit{limit},
				Clear: []string{"there"}, Set: []guard.Value{s.value("new", "x", 9)}, Get: "there",
			})
			require.Equal(s, guard.RefusedByUnless, result.Refused)
			require.Zero(s, result.RetryAfter)
			require.Equal(s, "yes", string(result.Data), "get reads all the same")
			require.Nil(s, s.get("new"))
			require.Equal(s, "yes", string(s.get("there")))
			require.Equal(s, 1, s.count(limit))
		}},
		{"a value that is there goes before a limit that is full", func(s *session) {
			limit := s.limit("k", 1, 9)
			s.take(limit)
			set(s, s.value("there", "", 9))
			result := s.apply(guard.Change{Unless: []string{"there"}, Take: []guard.Limit{limit}})
			require.Equal(s, guard.RefusedByUnless, result.Refused)
		}},
		{"a value that has run out does not refuse", func(s *session) {
			set(s, s.value("v", "", 1))
			s.pass(1)
			require.Equal(s, guard.RefusedByNone, s.apply(guard.Change{Unless: []string{"v"}}).Refused)
		}},
		{"a limit that refuses keeps values as they are, and get reads", func(s *session) {
			limit := s.limit("k", 1, 9)
			s.take(limit)
			set(s, s.value("v", "one", 9))
			other := s.take(s.limit("other", 1, 9))
			result := s.apply(guard.Change{
				Take: []guard.Limit{limit}, Back: other, Clear: []string{"v", "k"},
				Set: []guard.Value{s.value("new", "", 9)}, Get: "v",
			})
			require.Equal(s, 0, result.Refused)
			require.Equal(s, "one", string(result.Data))
			require.Equal(s, "one", string(s.get("v")))
			require.Nil(s, s.get("new"))
			s.refused(0, 9, limit)
			s.refused(0, 9, s.limit("other", 1, 9))
		}},
		{"what is cleared is forgotten, counters and values", func(s *session) {
			limit := s.limit("k", 1, 9)
			s.take(limit)
			set(s, s.value("v", "one", 9), s.value("w", "two", 9))
			s.apply(guard.Change{Clear: []string{"k", "v", "missing"}})
			require.Equal(s, 1, s.count(limit))
			require.Nil(s, s.get("v"))
			require.Equal(s, "two", string(s.get("w")))
		}},
		{"a record is cleared as a whole", func(s *session) {
			kept := s.limit("rec", 1, 9)
			one, two := s.limit("r/one", 1, 9), s.limit("r/", 1, 9)
			s.take(kept, one, two)
			set(s, s.value("r/two", "2", 9), s.value("r", "3", 9))
			s.apply(guard.Change{Clear: []string{"r/"}})
			require.Equal(s, 1, s.count(one))
			require.Nil(s, s.get("r/two"))
			require.Nil(s, s.get("r"))
			s.refused(0, 9, kept)
		}},
		{"a value is appended to, and lives as long as its longest part", func(s *session) {
			more := func(data string, units float64) guard.Value {
				v := s.value("v", data, units)
				v.Append = true
				return v
			}
			set(s, more("one", 4))
			set(s, more("two", 2))
			require.Equal(s, "onetwo", string(s.get("v")))
			s.pass(2)
			set(s, more(strings.Repeat("x", 4090), 2))
			require.Equal(s, "onetwo"+strings.Repeat("x", 4090), string(s.get("v")))
			set(s, more("y", 2))
			require.Equal(s, "y", string(s.get("v")), "it would be too long")
			s.pass(2)
			require.Nil(s, s.get("v"))
		}},
		{"clear goes before set", func(s *session) {
			set(s, s.value("v", "one", 9))
			s.apply(guard.Change{Clear: []string{"v"}, Set: []guard.Value{s.value("v", "two", 9)}})
			require.Equal(s, "two", string(s.get("v")))
		}},
		{"one of many who set a value unless it is there succeeds", func(s *session) {
			c := guard.Change{Unless: []string{"v"}, Set: []guard.Value{s.value("v", "", 900)}}
			require.Equal(s, 1, together(s, 100, c))
		}},
	}
}
