package insidertest

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Memory cannot be seen from outside.
func TestCodebookForgetsNumbersItHasDoneWith(t *testing.T) {
	var book codebook
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for i := range 100_000 {
		now = now.Add(time.Second)
		book.add("+"+strconv.Itoa(i), &sentCode{channel: sms, expires: now.Add(time.Minute)}, now, false)
	}
	assert.LessOrEqual(t, len(book.numbers), 1024, "60 of them have a live code")
	assert.Len(t, book.live("+99999", now), 1)
}
