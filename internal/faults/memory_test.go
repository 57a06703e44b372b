package faults_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

// mostMemory is what a call may allocate, whatever the vendor sends. It is several times the megabyte that is read of an
// answer, because a buffer that grows is allocated anew each time, under the race detector twice.
const mostMemory = 16 << 20

// It is not parallel: what it measures is the whole process. What is allocated in all bounds how much the process can
// grow, and does not depend on when garbage is collected.
func TestAnEndlessAnswerTakesLittleMemory(t *testing.T) {
	_, _ = spaces(), packedSpaces()
	for _, name := range []string{"2xx, endless", "2xx, endless, as gzip bomb", "endless header"} {
		for _, c := range calls() {
			t.Run(name+"/"+c.vendor+"/"+c.name, func(t *testing.T) {
				x := faultNamed(t, name).prepare(t, c)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				x.run(t)
				runtime.ReadMemStats(&after)
				taken := after.TotalAlloc - before.TotalAlloc
				t.Logf("%d KiB", taken>>10)
				assert.Less(t, taken, uint64(mostMemory))
			})
		}
	}
}
