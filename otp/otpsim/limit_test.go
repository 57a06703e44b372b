package otpsim_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestLimitSlides(t *testing.T) {
	v := newVendor(t)
	v.Limit("send", otpsim.Rate{Events: 2, Per: time.Minute})
	send := func() reply { return v.do(t, "POST", "/v1/AB/send", "{}") }
	assert.Equal(t, 202, send().status)
	v.Clock.Advance(40 * time.Second)
	assert.Equal(t, 202, send().status)

	v.Clock.Advance(500 * time.Millisecond)
	over := send()
	assert.Equal(t, 429, over.status)
	assert.Equal(t, `"Too Many Requests"`, over.body)
	assert.Equal(t, "20", over.header.Get("Retry-After"), "when the first request leaves the window, rounded up")
	assert.False(t, v.Requests()[2].Accepted)
	assert.Equal(t, 200, v.do(t, "GET", "/v1/list", "").status, "the other operations have no limit")

	v.Clock.Advance(19500 * time.Millisecond)
	assert.Equal(t, 202, send().status, "a refused request takes no space")
	assert.Equal(t, 429, send().status, "the second is still in the window: a fixed one would have started afresh")

	v.Limit("send", otpsim.Rate{})
	assert.Equal(t, 202, send().status)
	assert.EqualValues(t, 4, v.done.Load())
}

func TestLimitCountsAfterTheKey(t *testing.T) {
	v := newVendor(t)
	v.Limit("send", otpsim.Rate{Events: 1, Per: time.Minute})
	assert.Equal(t, 401, v.do(t, "POST", "/v1/AB/send", "{}", "Key", "wrong").status)
	assert.Equal(t, 202, v.do(t, "POST", "/v1/AB/send", "{}").status)
	assert.Equal(t, 401, v.do(t, "POST", "/v1/AB/send", "{}", "Key", "wrong").status)
	assert.Equal(t, 429, v.do(t, "POST", "/v1/AB/send", "bad").status, "the rate counts before the body")
}

func TestLimitSurvivesAClockSetBack(t *testing.T) {
	v := newVendor(t)
	v.Limit("send", otpsim.Rate{Events: 1, Per: time.Minute})
	v.do(t, "POST", "/v1/AB/send", "{}")
	v.Clock.Set(noon.Add(-time.Hour))
	assert.Equal(t, 202, v.do(t, "POST", "/v1/AB/send", "{}").status)
}

func TestLimitConcurrent(t *testing.T) {
	v := newVendor(t)
	v.Limit("send", otpsim.Rate{Events: 50, Per: time.Hour})
	var taken atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if v.do(t, "POST", "/v1/AB/send", "{}").status == 202 {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 50, taken.Load())
}

func TestLimitOfNoOperation(t *testing.T) {
	v := newVendor(t)
	assert.PanicsWithValue(t, `otpsim: Limit: there is no operation "sent"`, func() { v.Limit("sent", otpsim.Rate{}) })
}
