package guardtest

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func hostileChecks() []check {
	return []check{
		{"keys mean nothing but themselves", func(s *session) {
			keys := []string{
				"k", "K", "kk", "*", "?", "[k]", "{k}", "{}", "}{", "k:1", ":", "a\"b", "a'b", "\\", "%s", "k;k", "--", "$1", "..", "/",
				strings.Repeat("k", 31), strings.Repeat("k", 32), strings.Repeat("k", 127), strings.Repeat("k", 128),
				strings.Repeat("k", 127) + "a",
			}
			for i, key := range keys {
				require.Equal(s, 1, s.count(s.limit(key, 0, 900)), "%q is a counter of its own", key)
				s.apply(guard.Change{Set: []guard.Value{s.value("v"+key[1:], key, 900)}, Clear: []string{"clear" + key[:1]}})
				require.Equal(s, key, string(s.get("v"+key[1:])), i)
			}
			for _, key := range keys {
				require.Equal(s, 2, s.count(s.limit(key, 0, 900)), "%q", key)
			}
		}},
		{"a change that breaks a rule is an error, and nothing of it happens", func(s *session) {
			room := s.limit("room", 0, 900)
			for _, c := range badChanges(s) {
				c.Set = append(c.Set, s.value("set", "", 9))
				c.Take = append(c.Take, room)
				_, err := s.store.Apply(s.Context(), c)
				require.Error(s, err)
			}
			require.Equal(s, 1, s.count(room))
			require.Nil(s, s.get("set"))
		}},
		{"a context that has ended is an error, and nothing happens", func(s *session) {
			room := s.limit("room", 0, 9)
			canceled, cancel := context.WithCancel(s.Context())
			cancel()
			late, cancel := context.WithDeadline(s.Context(), time.Now().Add(-time.Second))
			defer cancel()
			for _, ctx := range []context.Context{canceled, late} {
				_, err := s.store.Apply(ctx, guard.Change{Take: []guard.Limit{room}})
				require.Error(s, err)
			}
			require.Equal(s, 1, s.count(room))
		}},
		{"slices of a change are neither changed nor kept", func(s *session) {
			c := guard.Change{Take: []guard.Limit{s.limit("k", 1, 9)}, Set: []guard.Value{s.value("v", "one", 9)}}
			s.apply(c)
			require.Equal(s, []guard.Limit{s.limit("k", 1, 9)}, c.Take)
			require.Equal(s, []guard.Value{s.value("v", "one", 9)}, c.Set)
			copy(c.Set[0].Data, "two")
			require.Equal(s, "one", string(s.get("v")))
			copy(s.get("v"), "two")
			require.Equal(s, "one", string(s.get("v")))
		}},
	}
}

// badChanges break one rule each.
func badChanges(s *session) []guard.Change {
	var all []guard.Change
	for _, key := range []string{"", "a b", "a\n", "\x00", "é", strings.Repeat("k", 129)} {
		all = append(
			all,
			guard.Change{Unless: []string{key}},
			guard.Change{Take: []guard.Limit{s.limit(key, 1, 9)}},
			guard.Change{Back: []guard.Taken{{Key: key}}},
			guard.Change{Good: []guard.Taken{{Key: key}}},
			guard.Change{Marks: []string{key}},
			guard.Change{Clear: []string{key}},
			guard.Change{Set: []guard.Value{s.value(key, "", 9)}},
		)
		if key != "" {
			all = append(all, guard.Change{Get: key})
		}
	}
	limit := func(change func(l *guard.Limit)) guard.Change {
		l := s.limit("k", 1, 9)
		change(&l)
		return guard.Change{Take: []guard.Limit{l}}
	}
	return append(
		all,
		limit(func(l *guard.Limit) { l.Window = 0 }),
		limit(func(l *guard.Limit) { l.Window = -1 }),
		limit(func(l *guard.Limit) { l.Window = math.MaxInt64 }),
		limit(func(l *guard.Limit) { l.Max = -1 }),
		limit(func(l *guard.Limit) { l.Reserve = 2 }),
		limit(func(l *guard.Limit) { l.Load = &guard.Load{} }),
		limit(func(l *guard.Limit) { l.Load = &guard.Load{Windows: make([]guard.Window, 1)} }),
		limit(func(l *guard.Limit) { l.Load = s.load(func(l *guard.Load) { l.Grow = math.NaN() }) }),
		limit(func(l *guard.Limit) { l.Load = s.load(func(l *guard.Load) { l.Top = -1 }) }),
		limit(func(l *guard.Limit) {
			l.Load = s.load(func(l *guard.Load) { l.Windows = append(l.Windows, l.Windows[0]) })
		}),
		guard.Change{Passed: 4},
		guard.Change{Passed: -1},
		guard.Change{Marks: []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}},
		limit(func(l *guard.Limit) { l.Gaps = []time.Duration{0} }),
		limit(func(l *guard.Limit) { l.Gaps = []time.Duration{l.Window + 1} }),
		guard.Change{Take: []guard.Limit{s.limit("k", 1, 9), s.limit("k", 2, 9)}},
		guard.Change{Set: []guard.Value{s.value("k", "", 0)}},
		guard.Change{Set: []guard.Value{s.value("k", strings.Repeat("k", 4097), 9)}},
	)
}
