package newest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/internal/newest"
)

func TestTheOldestKeyIsForgotten(t *testing.T) {
	m := newest.Of[int, string](3)
	for key := range 7 {
		m.Put(key, "first")
		m.Put(key, "second") // a known key takes no room
	}
	for key := range 7 {
		value, found := m.Get(key)
		assert.Equal(t, key >= 4, found, key)
		if found {
			assert.Equal(t, "second", value)
		}
	}
}
