package guard_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp/guard"
)

func memory(t testing.TB, entries int) *guard.Memory {
	t.Helper()
	store, err := guard.NewMemory(entries)
	require.NoError(t, err)
	return store
}

func apply(t require.TestingT, store guard.Store, c guard.Change) guard.Result {
	result, err := store.Apply(background, c)
	require.NoError(t, err)
	return result
}

func one(key string, window time.Duration) guard.Change {
	return guard.Change{Take: []guard.Limit{{Key: key, Window: window}}}
}

func TestAFullMemoryRefusesAndForgetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 10)
		for i := range 10 {
			apply(t, store, one(fmt.Sprint(i), time.Duration(i+1)*time.Minute))
		}
		for _, c := range []guard.Change{
			one("new", time.Minute),
			{Set: []guard.Value{{Key: "new", For: time.Minute}}},
			{Take: []guard.Limit{{Key: "1", Window: time.Minute}, {Key: "new", Window: time.Minute}}},
		} {
			_, err := store.Apply(t.Context(), c)
			require.ErrorIs(t, err, guard.ErrFull)
		}
		assert.Equal(t, 2, apply(t, store, one("1", time.Minute)).Taken[0].N, "what is there goes on, and a change that fails counts nothing")
		time.Sleep(time.Minute + time.Second)
		assert.Equal(t, 1, apply(t, store, one("new", time.Minute)).Taken[0].N, "one has run out")
		_, err := store.Apply(t.Context(), one("newer", time.Minute))
		require.ErrorIs(t, err, guard.ErrFull)
		assert.Equal(t, 10, store.Len())
	})
}

func TestNothingIsForgottenEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 0)
		c := one("k", 2500*time.Millisecond)
		apply(t, store, c)
		time.Sleep(2500*time.Millisecond - 1)
		assert.Equal(t, 2, apply(t, store, c).Taken[0].N)
		time.Sleep(time.Nanosecond)
		assert.Equal(t, 1, apply(t, store, c).Taken[0].N)
	})
}

func TestWhatHasRunOutIsReclaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 0)
		for round := range 50 {
			for i := range 100 {
				apply(t, store, one(fmt.Sprintf("%d/%d", round, i), time.Duration(i+1)*time.Second))
				apply(t, store, guard.Change{Clear: []string{fmt.Sprintf("%d/%d", round, i-1)}})
			}
			assert.LessOrEqual(t, store.Len(), 150)
			time.Sleep(2 * time.Minute)
		}
		for range 10 {
			apply(t, store, guard.Change{})
		}
		assert.Zero(t, store.Len())
	})
}

func TestAValueThatLivesLessThanBeforeIsReclaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 0)
		for _, life := range []time.Duration{time.Hour, time.Minute} {
			apply(t, store, guard.Change{Set: []guard.Value{{Key: "v", For: life}}})
		}
		time.Sleep(time.Minute + time.Second)
		apply(t, store, guard.Change{})
		assert.Zero(t, store.Len())
	})
}

// stated is how many bytes an entry takes at most, from the comment of Memory.
const stated = 300

// fill takes n distinct keys, as long as those of a guard, and returns how many bytes each entry takes.
func fill(t testing.TB, store *guard.Memory, n, room int) uint64 {
	t.Helper()
	before := heap()
	key := make([]byte, 12)
	for i := range n {
		binary.BigEndian.PutUint64(key[4:], uint64(i))
		_, err := store.Apply(background, one(hex.EncodeToString(key), 24*time.Hour))
		if (err == nil) != (i < room) {
			t.Fatal("the store takes more than it may, or less: ", i)
		}
	}
	used := heap() - before
	runtime.KeepAlive(store)
	return used / uint64(room)
}

func TestDistinctNumbersTakeBoundedMemory(t *testing.T) {
	const entries = 50_000
	used := fill(t, memory(t, entries), 3*entries, entries)
	t.Logf("an entry takes %d bytes", used)
	assert.Less(t, used, uint64(stated))
}

// What has come and gone leaves little behind, however long it might have lived.
func TestWhatIsForgottenEarlyTakesNoMemory(t *testing.T) {
	const month = 30 * 24 * time.Hour
	for name, life := range map[string]func(i int) time.Duration{
		"the same life":   func(int) time.Duration { return month },
		"different lives": func(i int) time.Duration { return time.Duration(1+i*7919%int(month/time.Second)) * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := memory(t, 10)
				before := heap()
				for i := range 100_000 {
					time.Sleep(20 * time.Second)
					apply(t, store, one("k", life(i)))
					apply(t, store, guard.Change{Clear: []string{"k"}})
				}
				assert.Zero(t, store.Len())
				grown := int64(heap()) - int64(before)
				runtime.KeepAlive(store)
				t.Logf("it takes %d bytes", grown)
				assert.Less(t, grown, int64(1<<20))
			})
		})
	}
}

func TestALongLifeIsReclaimedSoonAfterItsEnd(t *testing.T) {
	for _, life := range []time.Duration{time.Second, 9 * time.Minute, 24 * time.Hour, 366 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			store := memory(t, 0)
			time.Sleep(12345 * time.Second)
			apply(t, store, one("k", life))
			time.Sleep(life - time.Nanosecond)
			assert.Equal(t, 2, apply(t, store, one("k", life)).Taken[0].N, life)
			time.Sleep(max(time.Second, life/256) + time.Nanosecond)
			apply(t, store, guard.Change{})
			assert.Zero(t, store.Len(), life)
		})
	}
}

// BenchmarkAMillionDistinctNumbers fills a whole store.
func BenchmarkAMillionDistinctNumbers(b *testing.B) {
	for b.Loop() {
		used := fill(b, memory(b, 0), guard.DefaultEntries+1000, guard.DefaultEntries)
		b.ReportMetric(float64(used), "B/entry")
		if used > stated {
			b.Fatal("more than stated")
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// model is a store that is too simple to be wrong: one second is the unit of its clock.
type model struct {
	now      int
	counters map[string]*counter
	values   map[string]int // when they run out
}

type counter struct{ n, expires int }

func (m *model) take(limits []guard.Limit) int {
	for i, limit := range limits {
		c := m.counters[limit.Key]
		if c != nil && c.expires > m.now && c.n >= limit.Max {
			return i
		}
	}
	for _, limit := range limits {
		c := m.counters[limit.Key]
		if c == nil || c.expires <= m.now {
			c = &counter{expires: m.now + int(limit.Window/time.Second)}
			m.counters[limit.Key] = c
		}
		c.n++
	}
	return guard.RefusedByNone
}

func (m *model) there(key string) bool { return m.values[key] > m.now }

// Whatever comes in whatever order, memory answers as the model does, and in the end holds nothing.
func TestMemoryDoesWhatTheModelDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { rapid.Check(plain{t}, checkAgainstModel) })
}

// plain is a test without a deadline, which a bubble does not have.
type plain struct{ rapid.TB }

func checkAgainstModel(t *rapid.T) {
	store, err := guard.NewMemory(0)
	require.NoError(t, err)
	m := &model{counters: map[string]*counter{}, values: map[string]int{}}
	t.Repeat(map[string]func(*rapid.T){
		"take": func(t *rapid.T) {
			limits := []guard.Limit{
				{Key: anyKey(t), Max: rapid.IntRange(1, 3).Draw(t, "max"), Window: anyTime(t)},
				{Key: "all", Max: 4, Window: 3 * time.Second},
			}
			require.Equal(t, m.take(limits), apply(t, store, guard.Change{Take: limits}).Refused)
		},
		"set": func(t *rapid.T) {
			key, life := "v"+anyKey(t), anyTime(t)
			c := guard.Change{Unless: []string{key}, Set: []guard.Value{{Key: key, For: life}}}
			require.Equal(t, m.there(key), apply(t, store, c).Refused == guard.RefusedByUnless)
			if !m.there(key) {
				m.values[key] = m.now + int(life/time.Second)
			}
		},
		"clear": func(t *rapid.T) {
			key := anyKey(t)
			apply(t, store, guard.Change{Clear: []string{key, "v" + key}})
			delete(m.counters, key)
			delete(m.values, "v"+key)
		},
		"wait": func(t *rapid.T) {
			wait := anyTime(t)
			m.now += int(wait / time.Second)
			time.Sleep(wait)
		},
	})
	time.Sleep(time.Minute)
	apply(t, store, guard.Change{})
	require.Zero(t, store.Len())
}

func anyKey(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key") }

func anyTime(t *rapid.T) time.Duration {
	return time.Duration(rapid.IntRange(1, 5).Draw(t, "seconds")) * time.Second
}
