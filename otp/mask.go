package otp

// Mask returns number in the form that logs may show: "+905*****67". It keeps at most the first
// four characters and the last two, hides at least four, and does not tell how long a number of ten
// characters or more is. Text that is too short to hide anything in is masked whole; "" stays "".
func Mask(number string) string {
	const tail, hidden, longestHead = 2, 4, 4 // the head counts the "+"
	if number == "" {
		return ""
	}
	head := min(longestHead, len(number)-tail-hidden)
	if head < 1 || !isPrintableASCII(number) {
		return "*****"
	}
	return number[:head] + "*****" + number[len(number)-tail:]
}

func isPrintableASCII(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
