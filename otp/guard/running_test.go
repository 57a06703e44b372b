package guard

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

const runningTo = "+905321234567"

func TestWhatIsRunningIsReadAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 8, time.FixedZone("", 3*60*60))
	for _, v := range []otp.Verification{
		{},
		{Provider: "main", ID: "2b4f8c", Channel: otp.SMS, ExpiresAt: at},
		{Provider: "main", ID: "2b4f8c", ExpiresAt: at.UTC()},
		{Provider: "\x00\n", ID: strings.Repeat("é", 2000), Channel: "\xff"},
	} {
		v.To = runningTo
		written := writeRunning(v)
		assert.NotContains(t, string(written), v.To[1:])
		read := readRunning(written, v.To)
		assert.True(t, v.ExpiresAt.Equal(read.ExpiresAt))
		assert.Equal(t, v.ExpiresAt.IsZero(), read.ExpiresAt.IsZero())
		assert.Equal(t, v.String(), read.String())
		assert.Equal(t, v.Channel, read.Channel)
	}
}

func TestATimeThatCannotBeWrittenIsLeftOut(t *testing.T) {
	far := time.Date(2026, 3, 4, 5, 6, 7, 8, time.FixedZone("", math.MaxInt32))
	v := readRunning(writeRunning(otp.Verification{Provider: "main", ID: "1", ExpiresAt: far}), runningTo)
	assert.Equal(t, otp.Verification{Provider: "main", ID: "1", To: runningTo}, v)
}

// Whatever a store answers, nothing is read that was not written.
func FuzzReadRunning(f *testing.F) {
	written := writeRunning(otp.Verification{Provider: "main", ID: "2b4f8c", Channel: otp.SMS, ExpiresAt: time.Unix(1, 2).UTC()})
	for end := range len(written) + 1 {
		f.Add(written[:end])
	}
	f.Add([]byte{runningVersion, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Add([]byte{runningVersion + 1, 0, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		v := readRunning(data, runningTo)
		if v == (otp.Verification{}) {
			return
		}
		require.Equal(t, runningTo, v.To)
		again := readRunning(writeRunning(v), runningTo)
		require.True(t, v.ExpiresAt.Equal(again.ExpiresAt))
		v.ExpiresAt, again.ExpiresAt = time.Time{}, time.Time{}
		require.Equal(t, v, again)
	})
}

// A verification that is cut off anywhere is none, but for its time, of which only the whole can be left out.
func TestWhatIsCutOffIsNotRunning(t *testing.T) {
	v := otp.Verification{Provider: "main", ID: "2b4f8c", Channel: otp.SMS}
	whole := len(writeRunning(v))
	v.ExpiresAt = time.Unix(1, 2).UTC()
	written := writeRunning(v)
	for end := range written {
		if end != whole {
			assert.Zero(t, readRunning(written[:end], runningTo), end)
		}
	}
	written[0]++
	assert.Zero(t, readRunning(written, runningTo), "of another version")
}
