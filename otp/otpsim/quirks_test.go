package otpsim_test

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestEachQuirk(t *testing.T) {
	type quirks struct {
		First  bool
		Status int
		_      bool
		Second bool
	}
	assert.Equal(t, map[string]quirks{"First": {First: true}, "Second": {Second: true}}, maps.Collect(otpsim.EachQuirk[quirks]()))
	for name := range otpsim.EachQuirk[quirks]() {
		assert.Equal(t, "First", name, "in the order of the fields")
		break
	}
	assert.Empty(t, maps.Collect(otpsim.EachQuirk[struct{}]()))
	assert.Panics(t, func() { _ = maps.Collect(otpsim.EachQuirk[bool]()) })
}
