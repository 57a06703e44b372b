package owncode

import "strings"

// Segments is how a text is split into SMS, by GSM 03.38: each part is paid by itself.
type Segments struct {
	// Parts is the number of SMS.
	Parts int

	// Units is the size in all: septets, or 16-bit units with UCS2.
	Units int

	// UCS2: the text has a character that GSM-7 lacks, so a part holds less than half as much.
	UCS2 bool
}

const (
	gsm7      = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Twice = "\f^{}\\[~]|€" // after an escape
)

// CountSegments says how a text is split: 160 septets in one part and 153 in each of several, or 70
// and 67 units of UCS-2. A character is never cut in two.
func CountSegments(text string) Segments {
	s := Segments{UCS2: strings.ContainsFunc(text, func(r rune) bool { return !strings.ContainsRune(gsm7+gsm7Twice, r) })}
	single, several, used := 160, 153, 0
	if s.UCS2 {
		single, several = 70, 67
	}
	for _, r := range text {
		size := 1
		if !s.UCS2 && strings.ContainsRune(gsm7Twice, r) || r > 0xFFFF {
			size = 2
		}
		s.Units += size
		if s.Parts == 0 || used+size > several {
			s.Parts, used = s.Parts+1, 0
		}
		used += size
	}
	if s.Units > 0 && s.Units <= single {
		s.Parts = 1
	}
	return s
}
