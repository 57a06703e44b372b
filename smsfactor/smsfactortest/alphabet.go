package smsfactortest

import "strings"

const (
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	special   = "!#$%&?@" // page otp-mfa-send-a-code

	// confusing is what remove_confusing_characters drops. The list is invented: the vendor's cannot be read.
	confusing = "0Oo1Il"
)

// alphabet is every character that a code may have.
func (st Settings) alphabet() string {
	all := ""
	for _, part := range []struct {
		allowed    bool
		characters string
	}{
		{st.AllowDigits, digits},
		{st.AllowUpperCase, upperCase},
		{st.AllowLowerCase, lowerCase},
		{st.AllowSpecialChars, special},
	} {
		if part.allowed {
			all += part.characters
		}
	}
	if st.RemoveConfusingCharacters {
		for _, c := range confusing {
			all = strings.ReplaceAll(all, string(c), "")
		}
	}
	return all
}
