package otpsim_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestWindowSlides(t *testing.T) {
	var clock otpsim.Clock
	clock.Set(noon)
	w := otpsim.NewWindow(&clock, otpsim.Rate{Events: 2, Per: time.Minute})

	take := func() bool { _, ok := w.Take(); return ok }
	assert.True(t, take())
	clock.Advance(40 * time.Second)
	assert.True(t, take())

	wait, ok := w.Take()
	assert.False(t, ok)
	assert.Equal(t, 20*time.Second, wait, "when the first request leaves the window")

	clock.Advance(20 * time.Second)
	assert.True(t, take(), "a refused request takes no room")
	assert.False(t, take(), "the second is still in the window: a fixed one would have started afresh")
}

func TestWindowWithoutLimit(t *testing.T) {
	w := otpsim.NewWindow(new(otpsim.Clock), otpsim.Rate{})
	for range 1000 {
		_, ok := w.Take()
		assert.True(t, ok)
	}
}

func TestWindowSurvivesAClockSetBack(t *testing.T) {
	var clock otpsim.Clock
	clock.Set(noon)
	w := otpsim.NewWindow(&clock, otpsim.Rate{Events: 1, Per: time.Minute})
	w.Take()
	clock.Set(noon.Add(-time.Hour))
	_, ok := w.Take()
	assert.True(t, ok)
}

func TestWindowConcurrent(t *testing.T) {
	w := otpsim.NewWindow(new(otpsim.Clock), otpsim.Rate{Events: 50, Per: time.Hour})
	var taken atomic.Int32
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if _, ok := w.Take(); ok {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	assert.EqualValues(t, 50, taken.Load())
}
