package safely_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/internal/safely"
)

func TestPanicBecomesAnError(t *testing.T) {
	for _, thrown := range []any{"a secret", io.EOF, nil} {
		assert.False(t, safely.Do(func() { panic(thrown) }))
		assert.Equal(t, safely.ErrPanicked, safely.Err(func() error { panic(thrown) }))
		n, err := safely.Value(func() (int, error) { panic(thrown) })
		assert.Zero(t, n)
		assert.Equal(t, safely.ErrPanicked, err)
	}
}

func TestResultIsPassedOn(t *testing.T) {
	assert.True(t, safely.Do(func() {}))
	assert.Equal(t, io.EOF, safely.Err(func() error { return io.EOF }))
	n, err := safely.Value(func() (int, error) { return 7, io.EOF })
	assert.Equal(t, 7, n)
	assert.Equal(t, io.EOF, err)
}
