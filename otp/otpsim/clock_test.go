package otpsim_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func TestClockZeroIsRealTime(t *testing.T) {
	var clock otpsim.Clock
	assert.WithinDuration(t, time.Now(), clock.Now(), time.Second)
}

func TestClockAdvanceKeepsRunning(t *testing.T) {
	var clock otpsim.Clock
	clock.Advance(time.Hour)
	first := clock.Now()
	assert.WithinDuration(t, time.Now().Add(time.Hour), first, time.Second)
	time.Sleep(2 * time.Millisecond)
	assert.True(t, clock.Now().After(first))
}

func TestClockSetStops(t *testing.T) {
	var clock otpsim.Clock
	clock.Advance(time.Hour)
	clock.Set(noon)
	time.Sleep(2 * time.Millisecond)
	assert.Equal(t, noon, clock.Now())
	clock.Advance(time.Minute)
	assert.Equal(t, noon.Add(time.Minute), clock.Now())

	clock.Set(time.Time{})
	assert.WithinDuration(t, time.Now(), clock.Now(), time.Second, "the zero time is the real time again")
}

func TestClockConcurrent(t *testing.T) {
	var clock otpsim.Clock
	clock.Set(noon)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { clock.Advance(time.Second); clock.Now() })
	}
	wg.Wait()
	assert.Equal(t, noon.Add(100*time.Second), clock.Now())
}
