package route_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// storeFunc is a LearningStore that returns whatever it likes.
type storeFunc func(machine string, record []byte) (map[string][]byte, error)

func (s storeFunc) Exchange(_ context.Context, _, machine string, record []byte) (map[string][]byte, error) {
	return s(machine, record)
}

// learningWith is a router whose machine shares with others.
func learningWith(store route.LearningStore, vendors ...otp.Provider) *route.Router {
	return must(route.Learning("main", vendors, route.WithSeed(1), route.WithLearningStore(store)))
}

func recordOf(format string, args ...any) map[string][]byte {
	return map[string][]byte{"other": fmt.Appendf(nil, format, args...)}
}

func TestRecordWithoutACallingCodeIsIgnored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := learningWith(storeFunc(func(string, []byte) (map[string][]byte, error) {
			return recordOf(`[{"Provider":"a","Code":"","Channel":"sms","At":%d,"Counts":[3,2,1,1]}]`, time.Now().Unix()/60), nil
		}), plain("a"), plain("b"))
		newPeople(r).come(t.Context(), t, 20)
		assert.Contains(t, r.Explain("+90"), "of its codes come back")
	})
}

func TestVerificationWithoutANumberTeachesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := learning(plain("a"), plain("b"))
		require.NoError(t, r.Verify(t.Context(), otp.Verification{Provider: "a", ID: "1", SentAt: time.Now()}, "123456"))
		newPeople(r).come(t.Context(), t, 20)
	})
}

// A store that fails for a moment must not make the next exchange count again what is known.
func TestFailedExchangeCountsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var exchanges atomic.Int32
		at := time.Now().Unix() / 60
		r := learningWith(storeFunc(func(string, []byte) (map[string][]byte, error) {
			if exchanges.Add(1)%2 == 0 {
				return nil, errors.New("the store is down")
			}
			return recordOf(`[{"Provider":"a","Code":"+49","Channel":"sms","At":%d,"Counts":[10,10,0,0]}]`, at), nil
		}), plain("a"), plain("b"))
		newPeople(r).come(t.Context(), t, 3)
		require.Greater(t, exchanges.Load(), int32(5))
		assert.Contains(t, r.Explain("+49"), "(10 results)")
	})
}

// So does a store with replicas, and so do a router and the one that has taken its place.
func TestAnOlderRecordCountsNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var exchanges atomic.Int32
		at := time.Now().Unix() / 60
		r := learningWith(storeFunc(func(string, []byte) (map[string][]byte, error) {
			const minute = `{"Provider":"a","Code":"+49","Channel":"sms","At":%d,"Counts":[10,%d,0,0]}`
			if exchanges.Add(1)%2 == 0 {
				return recordOf("["+minute+"]", at, 3), nil
			}
			return recordOf("["+minute+","+minute+"]", at, 9, at-1, 10), nil
		}), plain("a"), plain("b"))
		newPeople(r).come(t.Context(), t, 3)
		require.Greater(t, exchanges.Load(), int32(5))
		assert.Contains(t, r.Explain("+49"), "(19 results)")
	})
}

func TestStoreDoesNotFillTheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var exchanges atomic.Int32
		r := learningWith(storeFunc(func(string, []byte) (map[string][]byte, error) {
			n, record := exchanges.Add(1), "["
			for i := range 2000 {
				record += fmt.Sprintf(`{"Provider":"a","Code":"+49","Channel":"c%d-%d","At":%d,"Counts":[1,1,0,0]},`, n, i, time.Now().Unix()/60)
			}
			return map[string][]byte{"other": []byte(record[:len(record)-1] + "]")}, nil
		}), plain("a"), plain("b"))
		newPeople(r).come(t.Context(), t, 3)
		require.Greater(t, exchanges.Load(), int32(5))
		assert.LessOrEqual(t, r.LearningCells(), 4096)
	})
}

// One person who asks again and again from one send counts against its vendor once, as do two
// receipts for one send.
func TestBadNewsCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := learning(plain("a"))
		for i := range 10 {
			_, err := r.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+90532%03d0000", i)})
			require.NoError(t, err)
		}
		v, err := r.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		for range 3 {
			_, err = r.Send(t.Context(), otp.SendRequest{To: number, Previous: &v})
			require.NoError(t, err)
			route.Undelivered(r, v)
		}
		assert.Contains(t, r.Explain("+90"), "(1 results)")
	})
}
