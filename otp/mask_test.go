package otp_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

func TestMask(t *testing.T) {
	cases := []struct{ name, number, want string }{
		{"a number", number, "+905*****67"},
		{"a long number", "+123456789012345", "+123*****45"},
		{"ten digits", "+1234567890", "+123*****90"},
		{"nine digits", "+123456789", "+123*****89"},
		{"eight digits show less of the head", "+12345678", "+12*****78"},
		{"seven digits show less of the head", "+1234567", "+1*****67"},
		{"six digits show only that there is a number", "+123456", "+*****56"},
		{"five digits show nothing", "+12345", "*****"},
		{"one digit shows nothing", "1", "*****"},
		{"nothing stays nothing", "", ""},
		{"spaces show nothing", "+90 532 123 45 67", "*****"},
		{"a line break shows nothing", "+905321234567\n", "*****"},
		{"other digits show nothing", "+٩٠٥٣٢١٢٣٤٥٦٧", "*****"},
		{"invalid UTF-8 shows nothing", "+90532123456\xff", "*****"},
		{"an escape sequence shows nothing", "\x1b[31m905321234567", "*****"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, otp.Mask(c.number)) })
	}
}

// shown is what a mask leaves to see.
func shown(t *rapid.T, masked string) (head, tail string) {
	head, tail, found := strings.Cut(masked, "*****")
	if !found {
		t.Fatalf("%q is no mask", masked)
	}
	return head, tail
}

func TestAMaskHidesFourDigitsAndShowsAtMostSix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		to := rapid.StringMatching(`\+[1-9][0-9]{6,14}`).Draw(t, "to")
		head, tail := shown(t, otp.Mask(to))
		if !strings.HasPrefix(to, head) || !strings.HasSuffix(to, tail) {
			t.Fatalf("%q…%q is not of %s", head, tail, to)
		}
		if len(head)+len(tail) > 6 || len(to)-len(head)-len(tail) < 4 {
			t.Fatalf("%s shows %q…%q", to, head, tail)
		}
	})
}

func TestAMaskOfAnythingShowsLittleAndIsFitForALog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[!-~]{0,20}`)).Draw(t, "text")
		if text == "" {
			return
		}
		masked := otp.Mask(text)
		head, tail := shown(t, masked)
		if len(head)+len(tail) > 6 || head+tail != "" && len(text)-len(head)-len(tail) < 4 {
			t.Fatalf("%q shows %q…%q", text, head, tail)
		}
		for _, r := range masked {
			if r <= ' ' || r > '~' {
				t.Fatalf("%q holds %q", masked, r)
			}
		}
	})
}

func TestLongNumbersWithTheSameEndsLookTheSame(t *testing.T) {
	assert.Equal(t, otp.Mask("+905321234567"), otp.Mask("+905999967"), "nine digits or twelve")
}
