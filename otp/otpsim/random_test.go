package otpsim_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestDigitsAreFair(t *testing.T) {
	const codes, length = 20_000, 6
	var count [10]int
	leadingZero := 0
	for range codes {
		code := otpsim.Digits(length)
		assert.Regexp(t, `^[0-9]{6}$`, code)
		if code[0] == '0' {
			leadingZero++
		}
		for _, d := range code {
			count[d-'0']++
		}
	}
	expected := float64(codes*length) / 10
	chi := 0.0
	for _, n := range count {
		chi += (float64(n) - expected) * (float64(n) - expected) / expected
	}
	assert.Less(t, chi, 40.0, "chi-square with 9 degrees of freedom; by chance once in 100,000 runs")
	assert.InDelta(t, codes/10, leadingZero, codes/50)
}

func TestRandomTakesTheWholeAlphabet(t *testing.T) {
	const alphabet = "abcXYZ!"
	text := otpsim.Random(alphabet, 1000)
	assert.Len(t, text, 1000)
	assert.Empty(t, strings.Trim(text, alphabet))
	for _, r := range alphabet {
		assert.Contains(t, text, string(r))
	}
}

func TestIdentifiers(t *testing.T) {
	assert.NotEqual(t, otpsim.UUID(), otpsim.UUID())
	assert.Regexp(t, regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`), otpsim.UUID())
}

func TestSameKey(t *testing.T) {
	assert.True(t, otpsim.SameKey("key", "key"))
	for _, wrong := range []string{"", "k", "Key", "keys", "key "} {
		assert.False(t, otpsim.SameKey(wrong, "key"), "%q", wrong)
	}
}

func TestCheckHeader(t *testing.T) {
	for _, key := range []string{"", "key", "1|a b~!"} {
		assert.NoError(t, otpsim.CheckHeader(key), "%q", key)
	}
	for _, key := range []string{" key", "key\n", "k\x00y", "käy", "\x7f"} {
		assert.Error(t, otpsim.CheckHeader(key), "%q", key)
	}
}
