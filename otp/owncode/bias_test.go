package owncode_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

// chiSquare of counts that should all be alike.
func chiSquare(counts []int) float64 {
	total, sum := 0, 0.0
	for _, n := range counts {
		total += n
	}
	want := float64(total) / float64(len(counts))
	for _, n := range counts {
		sum += (float64(n) - want) * (float64(n) - want) / want
	}
	return sum
}

// worst is the highest chi-square of the digits of many codes, over all places.
func worst(codes int, code func(sum []byte) [16]byte) float64 {
	source := rand.NewChaCha8([32]byte{1})
	var sum [16]byte
	var counts [6][10]int
	for range codes {
		_, _ = source.Read(sum[:])
		made := code(sum[:])
		for at := range counts {
			counts[at][made[at]-'0']++
		}
	}
	highest := 0.0
	for at := range counts {
		highest = max(highest, chiSquare(counts[at][:]))
	}
	return highest
}

// of9Degrees is what one in 10,000 samples exceeds, of ten digits.
const of9Degrees = 33.7

func TestDigitsAreAlikeLikely(t *testing.T) {
	assert.Less(t, worst(10_000_000, func(sum []byte) [16]byte { return owncode.Cut(sum, 6, false) }), of9Degrees)
	byteMod10 := func(sum []byte) (code [16]byte) {
		for at := range 6 {
			code[at] = '0' + sum[at]%10
		}
		return code
	}
	assert.Greater(t, worst(10_000_000, byteMod10), of9Degrees, "the test must find the bias of a byte modulo ten")
}

func TestLettersAreAlikeLikely(t *testing.T) {
	const of19Degrees = 50.8
	source := rand.NewChaCha8([32]byte{2})
	var sum [16]byte
	counts := map[byte]int{}
	for range 1_000_000 {
		_, _ = source.Read(sum[:])
		code := owncode.Cut(sum[:], 12, true)
		counts[code[0]]++
		counts[code[11]]++
	}
	var all []int
	for _, n := range counts {
		all = append(all, n)
	}
	assert.Len(t, all, 20)
	assert.Less(t, chiSquare(all), of19Degrees)
}

func TestSentCodesAreAlikeLikely(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	var counts [10]int
	for n := range 20_000 {
		sendTo(t, p, otp.SendRequest{To: number(n)})
	}
	for _, text := range in.texts {
		for at := range text.Code {
			counts[text.Code[at]-'0']++
		}
	}
	assert.Less(t, chiSquare(counts[:]), of9Degrees+15, "one in 10 million samples of random codes exceeds this")
}
