package redact

import "regexp"

// numerals matches four digits or more, as codes are written: "439713", "439 713", "439 - 713", "439.713".
var numerals = regexp.MustCompile(`[0-9](?:[\s\p{Z}\p{Pd}\p{Cf}.:/_·]{0,3}[0-9]){3,}`)

// Numerals masks whatever may be a code of digits, in whatever script.
func Numerals(s string) string {
	ascii := asciiDigits(s)
	if masked := numerals.ReplaceAllLiteralString(ascii, Masked); masked != ascii {
		return masked
	}
	return s
}
