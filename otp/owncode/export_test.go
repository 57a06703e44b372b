package owncode

// Cut is cut, for the test of its bias.
func Cut(sum []byte, length int, ofLetters bool) [16]byte { return cut(sum, length, ofLetters) }
