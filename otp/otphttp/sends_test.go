package otphttp

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// However many sessions there are, so many are remembered, and none whose send is under way is
// dropped.
func TestSessionsInMemoryAreBounded(t *testing.T) {
	s := sends{all: map[string]*latest{}}
	busy, err := s.begin(t.Context(), "busy")
	require.NoError(t, err)
	for i := range 3 * mostRecent {
		id := fmt.Sprint(i)
		end, err := s.begin(t.Context(), id)
		require.NoError(t, err)
		s.keep(id, pending{Verification: otp.Verification{ID: id, SentAt: time.Now()}})
		end()
		require.LessOrEqual(t, len(s.all), mostRecent)
	}
	assert.Contains(t, s.all, "busy")
	busy()
	last := fmt.Sprint(3*mostRecent - 1)
	assert.Equal(t, last, s.newest(last, pending{}).ID)
}

// Every text that the code asks for is there.
func TestEnglishIsComplete(t *testing.T) {
	texts := English()
	for _, row := range answers {
		assert.NotEmpty(t, texts["send."+row.send])
		assert.NotEmpty(t, texts["verify."+row.verify])
	}
	for _, key := range []string{
		"send.challenge", "note.sent", "note.early", "note.unsure", "note.lost", "note.expired", "input.start_again",
		"input.bad_request", "input.too_large", "input.foreign", "input.wrong_host", "input.not_found", "input.wrong_method",
		"input.wrong_content", "wait", "attempts", "resend", "resend_else", "resend_wait",
	} {
		assert.NotEmpty(t, texts[key], key)
	}
}
