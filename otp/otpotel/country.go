package otpotel

import (
	"cmp"

	"github.com/otp-sdk/otp-go/internal/callingcode"
)

// callingCode is the country calling code of a number; that of what is no E.164 number is unknown.
func callingCode(number string) string { return cmp.Or(callingcode.Of(number), unknown) }
