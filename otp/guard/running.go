package guard

import (
	"encoding/binary"

	"github.com/otp-sdk/otp-go/otp"
)

// runningVersion begins what is written of a running verification.
const runningVersion = 1

// writeRunning is a verification without its number, as a store keeps it: texts with their lengths before them, and the
// time at the end.
func writeRunning(v otp.Verification) []byte {
	texts := [...]string{v.Provider, v.ID, string(v.Channel)}
	size := 32 // for the rest
	for _, text := range texts {
		size += len(text)
	}
	b := append(make([]byte, 0, size), runningVersion)
	for _, text := range texts {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	if v.ExpiresAt.IsZero() {
		return b
	}
	timed, err := v.ExpiresAt.AppendBinary(b)
	if err != nil { // a zone that is weeks away from UTC
		return b
	}
	return timed
}

// readRunning is a verification that writeRunning has written, with its number. The zero value when there is none.
func readRunning(b []byte, number string) otp.Verification {
	if len(b) == 0 || b[0] != runningVersion {
		return otp.Verification{}
	}
	v, b := otp.Verification{To: number}, b[1:]
	for _, field := range [...]*string{&v.Provider, &v.ID, (*string)(&v.Channel)} {
		length, n := binary.Uvarint(b)
		if n <= 0 {
			return otp.Verification{}
		}
		b = b[n:]
		if length > uint64(len(b)) {
			return otp.Verification{}
		}
		*field, b = string(b[:length]), b[length:]
	}
	if len(b) > 0 && v.ExpiresAt.UnmarshalBinary(b) != nil {
		return otp.Verification{}
	}
	return v
}
