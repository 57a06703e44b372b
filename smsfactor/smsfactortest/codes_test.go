package smsfactortest

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Memory cannot be seen from outside.
func TestCodebookForgetsCodesItHasDoneWith(t *testing.T) {
	book := newCodebook()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for i := range 5 * keepCodes {
		now = now.Add(time.Second)
		id := strconv.Itoa(i)
		c := &sentCode{to: "+" + id, expires: now.Add(time.Minute), max: 1, sending: Sending{Token: id}}
		book.add(c, now)
		book.countWrong(c)
	}
	assert.LessOrEqual(t, len(book.tokens), keepCodes, "60 of them have not expired")
	assert.LessOrEqual(t, len(book.newest), keepCodes)
	assert.LessOrEqual(t, len(book.locked), keepCodes)
	assert.Contains(t, book.tokens, "49999")
	assert.Contains(t, book.newest, "+49999")
}

func TestCodebookKeepsLiveCodes(t *testing.T) {
	book := newCodebook()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for i := range 3 * keepCodes {
		id := strconv.Itoa(i)
		book.add(&sentCode{to: "+" + id, expires: now.Add(time.Minute), sending: Sending{Token: id}}, now)
	}
	assert.Len(t, book.tokens, 3*keepCodes)
}
