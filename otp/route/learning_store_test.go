package route_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// exchanging is a store made of a function, which counts its calls.
type exchanging struct {
	mu    sync.Mutex
	calls int
	last  []byte
	do    func(ctx context.Context) (map[string][]byte, error)
}

func (e *exchanging) Exchange(ctx context.Context, _, _ string, record []byte) (map[string][]byte, error) {
	e.mu.Lock()
	e.calls++
	e.last = record
	e.mu.Unlock()
	return e.do(ctx)
}

func (e *exchanging) seen() (calls int, last string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.calls, string(e.last)
}

func sharing(store route.LearningStore, vendors ...otp.Provider) *route.Router {
	return must(route.Learning("main", vendors, route.WithSeed(1), route.WithLearningStore(store)))
}

func TestMachinesLearnFromEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := plain("a"), plain("b")
		store := &lateStore{}
		sends, verifies, idle := sharing(store, a, b), sharing(store, a, b), sharing(store, a, b)
		for i := range 200 {
			to := fmt.Sprintf("+905%09d", i*10_007)
			v, err := sends.Send(t.Context(), otp.SendRequest{To: to})
			require.NoError(t, err)
			time.Sleep(30 * time.Second)
			if v.Provider == "a" {
				v.SentAt = time.Now().Add(-30 * time.Second).UTC().Round(0)
				require.NoError(t, verifies.Verify(t.Context(), v, "123456"))
			}
		}
		time.Sleep(10 * time.Minute)
		_, err := idle.Send(t.Context(), otp.SendRequest{To: "+447700900123"})
		require.NoError(t, err)
		for _, r := range []*route.Router{sends, verifies} {
			assert.Regexp(t, `^\+90 by sms: a gets 9`, r.Explain("+90"))
			assert.Contains(t, r.Explain("+90"), "; b gets")
		}
	})
}

// Results are taken one by one, while sends wait.
func TestStoreDoesNotHoldSendsUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := learningWith(storeFunc(func(string, []byte) (map[string][]byte, error) {
			var all []string
			for code := range 100 {
				all = append(all, fmt.Sprintf(`{"Provider":"a","Code":"+%d","Channel":"sms","At":%d,"Counts":[100000,100000,0,0]}`,
					210+code, time.Now().Unix()/60))
			}
			return recordOf("[%s]", strings.Join(all, ",")), nil
		}), plain("a"), plain("b"))
		newPeople(r).come(t.Context(), t, 2)
		_, results, _ := strings.Cut(r.Explain(""), "come back (")
		var n float64
		_, err := fmt.Sscan(results, &n)
		require.NoError(t, err)
		assert.LessOrEqual(t, n, 1e6)
	})
}

func TestExchangesEndWithTheSends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &exchanging{do: func(context.Context) (map[string][]byte, error) { return nil, nil }}
		r := sharing(store, plain("a"))
		_, err := r.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		calls, record := store.seen()
		assert.Greater(t, calls, 50)
		assert.LessOrEqual(t, calls, 90)
		assert.NotContains(t, record, number[3:])
		time.Sleep(time.Hour)
		again, _ := store.seen()
		assert.Equal(t, calls, again)
	})
}

func TestABrokenStoreChangesNothing(t *testing.T) {
	foreign := func(text string) func(context.Context) (map[string][]byte, error) {
		return func(context.Context) (map[string][]byte, error) { return map[string][]byte{"other": []byte(text)}, nil }
	}
	minute := func(code string, at int64, counts string) string {
		return fmt.Sprintf(`[{"Provider":"a","Code":%q,"Channel":"sms","At":%d,"Counts":%s}]`, code, at, counts)
	}
	for name, do := range map[string]func(context.Context) (map[string][]byte, error){
		"fails":       func(context.Context) (map[string][]byte, error) { return nil, errors.New("down") },
		"panics":      func(context.Context) (map[string][]byte, error) { panic("down") },
		"hangs":       func(ctx context.Context) (map[string][]byte, error) { <-ctx.Done(); return nil, ctx.Err() },
		"no JSON":     foreign("{"),
		"too long":    foreign("[" + strings.Repeat(" ", 2<<20) + "]"),
		"all codes":   foreign(minute("", 0, "[9,9,0,0]")),
		"no code":     foreign(minute("+0", 0, "[9,9,0,0]")),
		"long ago":    foreign(minute("+90", 1, "[9,9,0,0]")),
		"nobody":      foreign(strings.Replace(minute("+90", 0, "[9,9,0,0]"), `"a"`, `"x"`, 1)),
		"too many":    foreign(minute("+90", 0, "[1000000000,0,1000000000,0]")),
		"less than 0": foreign(minute("+90", 0, "[0,0,-1,0]")),
	} {
		synctest.Test(t, func(t *testing.T) {
			now := fmt.Sprintf(`"At":%d`, time.Now().Unix()/60)
			r := sharing(&exchanging{do: func(ctx context.Context) (map[string][]byte, error) {
				records, err := do(ctx)
				for machine, record := range records {
					records[machine] = []byte(strings.Replace(string(record), `"At":0`, now, 1))
				}
				return records, err
			}}, plain("a"))
			v, err := r.Send(t.Context(), otp.SendRequest{To: number})
			require.NoError(t, err)
			time.Sleep(20 * time.Second)
			require.NoError(t, r.Verify(t.Context(), v, "123456"))
			assert.Regexp(t, `^\+90 by sms: a gets 100.0 % of the sends: \d\d.\d % of its codes come back \(1 results\)$`, r.Explain("+90"), name)
			time.Sleep(10 * time.Minute)
		})
	}
}

func TestARecordIsCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var typed, calls atomic.Int32
		typed.Store(1)
		r := sharing(&exchanging{do: func(context.Context) (map[string][]byte, error) {
			if calls.Add(1)%2 == 0 {
				return nil, errors.New("down for once")
			}
			return map[string][]byte{"other": fmt.Appendf(nil,
				`[{"Provider":"a","Code":"+90","Channel":"sms","At":%d,"Counts":[3,%d,0,0]}]`,
				time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()/60, typed.Load())}, nil
		}}, plain("a"))
		_, err := r.Send(t.Context(), otp.SendRequest{To: "+447700900123"})
		require.NoError(t, err)
		time.Sleep(20 * time.Second)
		assert.Contains(t, r.Explain("+90"), "(1 results)")
		typed.Store(2)
		time.Sleep(20 * time.Second)
		assert.Contains(t, r.Explain("+90"), "(2 results)")
		time.Sleep(8 * time.Minute)
		assert.Contains(t, r.Explain("+90"), "(3 results)", "the third was not typed")
	})
}

func TestLearningForManyAtOnce(t *testing.T) {
	store := &lateStore{}
	r := sharing(store, leaf("a"), must(route.Breaker(leaf("b"))), leaf("c"))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for k := range 200 {
				v, err := r.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+4915%d%07d", i, k)})
				assert.NoError(t, err)
				_ = r.Verify(t.Context(), v, "000000")
				route.Undelivered(r, v)
				_, err = r.Send(t.Context(), again(v, otp.SendRequest{To: v.To}))
				assert.NoError(t, err)
				_ = r.Explain("+49")
			}
		})
	}
	wait.Wait()
}
