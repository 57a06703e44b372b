// Package callingcode tells the country calling code of a number.
//
// Package otpotel imports it from another module, which may be older: what is here stays as it is.
package callingcode

import "strings"

// twoDigits are the codes of two digits (ITU-T, E.164). Zones 1 and 7 are one code.
const twoDigits = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 " +
	"81 82 84 86 90 91 92 93 94 95 98"

// Of returns the calling code of a number in E.164, "+90": a few hundred values at most. "" = it is
// no such number.
func Of(number string) string {
	const longest = len("+") + 3
	if len(number) < longest || number[0] != '+' || number[1] == '0' {
		return ""
	}
	for _, digit := range []byte(number[1:longest]) {
		if digit < '0' || digit > '9' {
			return ""
		}
	}
	switch {
	case number[1] == '1' || number[1] == '7':
		return number[:2]
	case strings.Contains(twoDigits, number[1:3]):
		return number[:3]
	default:
		return number[:longest]
	}
}
