package guard_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/netip"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
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

func TestAFullMemoryForgetsWhatIsExpendable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 10)
		expendable := func(key string) guard.Change {
			return guard.Change{Take: []guard.Limit{{Key: key, Window: time.Hour, Expendable: true}}}
		}
		for i := range 5 {
			apply(t, store, one(fmt.Sprint("kept", i), time.Hour))
			time.Sleep(time.Second)
			apply(t, store, expendable(fmt.Sprint("old", i)))
		}
		apply(t, store, one("new", time.Hour))
		assert.Equal(t, 10, store.Len())
		assert.Equal(t, 1, apply(t, store, expendable("old0")).Taken[0].N, "the oldest was forgotten")
		assert.Equal(t, 2, apply(t, store, expendable("old4")).Taken[0].N)
		for i := range 5 {
			assert.Equal(t, 2, apply(t, store, one(fmt.Sprint("kept", i), time.Hour)).Taken[0].N)
		}
		for i := range 4 {
			apply(t, store, one(fmt.Sprint("more", i), time.Hour))
		}
		for _, c := range []guard.Change{
			one("last", time.Hour), expendable("last"),
			{Set: []guard.Value{{Key: "last", For: time.Hour}}},
			{Take: []guard.Limit{{Key: "kept0", Window: time.Hour}, {Key: "last", Window: time.Hour}}},
		} {
			_, err := store.Apply(t.Context(), c)
			require.ErrorIs(t, err, guard.ErrFull)
		}
		assert.Equal(t, 3, apply(t, store, one("kept0", time.Hour)).Taken[0].N, "what is there goes on, and a change that fails counts nothing")
		time.Sleep(time.Hour + time.Second)
		assert.Equal(t, 1, apply(t, store, one("last", time.Hour)).Taken[0].N, "others have ended")
	})
}

// Anyone who fills the memory with strangers' counters shuts nobody out.
func TestAFullMemoryServesEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := guarded(t, guard.WithStore(memory(t, 500)), guard.WithKey(make([]byte, 16)))
		owner := guard.WithCaller(t.Context(), guard.Caller{Device: "owner's"})
		sent, code := v.sent(owner, number)
		require.NoError(t, v.guard.Verify(owner, sent, code))
		for i := range 5000 {
			ip := netip.AddrFrom4([4]byte{192, 0, byte(i >> 8), byte(i)})
			_, err := v.guard.Send(guard.WithCaller(t.Context(), guard.Caller{IP: ip}), otp.SendRequest{To: fmt.Sprintf("+90533%04d000", i)})
			require.NotErrorIs(t, err, guard.ErrFull)
			time.Sleep(time.Second)
		}
		sent, code = v.sent(owner, number)
		require.NoError(t, v.guard.Verify(owner, sent, code))
	})
}

func TestNothingIsForgottenEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory(t, 0)
		c := one("k", 2500*time.Millisecond)
		apply(t, store, c)
		c = guard.Change{Take: []guard.Limit{{Key: "k2", Window: 2500 * time.Millisecond, Max: 2}}}
		apply(t, store, c)
		time.Sleep(2500*time.Millisecond - time.Microsecond)
		assert.Equal(t, 2, apply(t, store, c).Taken[0].N)
		time.Sleep(time.Microsecond)
		assert.Equal(t, 2, apply(t, store, c).Taken[0].N, "the first one has left")
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
			assert.LessOrEqual(t, store.Len(), 300)
			time.Sleep(2 * time.Minute)
		}
		for range 100 {
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
		idle(t, store)
		assert.Zero(t, store.Len())
	})
}

// idle makes as many changes as a store needs to look at everything, if it is small.
func idle(t require.TestingT, store guard.Store) {
	for range 16 {
		apply(t, store, guard.Change{})
	}
}

// stated is how many bytes an entry takes at most, from the comment of Memory.
const stated = 200

// fill takes n distinct keys, as long as those of a guard, and returns how many bytes each entry
// takes.
func fill(t testing.TB, store *guard.Memory, n, room int) uint64 {
	t.Helper()
	before := heapBytes()
	key := make([]byte, 12)
	for i := range n {
		binary.BigEndian.PutUint64(key[4:], uint64(i))
		_, err := store.Apply(background, one(hex.EncodeToString(key), 24*time.Hour))
		if (err == nil) != (i < room) {
			t.Fatal("the store takes more than it may, or less: ", i)
		}
	}
	used := heapBytes() - before
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
				before := heapBytes()
				for i := range 100_000 {
					time.Sleep(20 * time.Second)
					apply(t, store, one("k", life(i)))
					apply(t, store, guard.Change{Clear: []string{"k"}})
				}
				assert.Zero(t, store.Len())
				grown := int64(heapBytes()) - int64(before)
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
			time.Sleep(life)
			time.Sleep(20 * time.Millisecond)
			idle(t, store)
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

func heapBytes() uint64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// model is a store that is too simple to be wrong: one second is the unit of its clock.
type model struct {
	now    int
	counts map[string][]int
	values map[string]int // when they end
}

func (m *model) take(limits []guard.Limit) int {
	for i, limit := range limits {
		n := 0
		for _, at := range m.counts[limit.Key] {
			if at+int(limit.Window/time.Second) > m.now {
				n++
			}
		}
		if n >= limit.Max {
			return i
		}
	}
	for _, limit := range limits {
		m.counts[limit.Key] = append(m.counts[limit.Key], m.now)
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
	m := &model{counts: map[string][]int{}, values: map[string]int{}}
	t.Repeat(map[string]func(*rapid.T){
		"take": func(t *rapid.T) {
			limits := []guard.Limit{
				{Key: anyKey(t), Max: rapid.IntRange(1, 3).Draw(t, "max"), Window: 4 * time.Second},
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
			delete(m.counts, key)
			delete(m.values, "v"+key)
		},
		"wait": func(t *rapid.T) {
			wait := anyTime(t)
			m.now += int(wait / time.Second)
			time.Sleep(wait)
		},
	})
	time.Sleep(time.Minute)
	idle(t, store)
	require.Zero(t, store.Len())
}

func anyKey(t *rapid.T) string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key") }

func anyTime(t *rapid.T) time.Duration {
	return time.Duration(rapid.IntRange(1, 5).Draw(t, "seconds")) * time.Second
}

func TestChangeOfManyLimitsSkipsOnlyItsOwn(t *testing.T) {
	m, err := guard.NewMemory(0)
	require.NoError(t, err)
	var c guard.Change
	for i := range 100 {
		c.Take = append(c.Take, guard.Limit{Key: fmt.Sprint("k", i), Window: time.Hour, With: guard.MarkSet(i % 2)})
	}
	result, err := m.Apply(t.Context(), c)
	require.NoError(t, err)
	for i, taken := range result.Taken {
		assert.Equal(t, 1-i%2, taken.N, i)
	}
}
