package hypersender

import (
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.Provider = (*Client)(nil)

func capabilities() otp.Capabilities {
	return otp.Capabilities{
		Vendor:  vendor,
		Default: otp.WhatsApp,
		Channels: map[otp.Channel]otp.Features{otp.WhatsApp: {
			CodeLength:   otp.Range[int]{Min: shortestCode, Max: longestCode},
			TTL:          otp.Range[time.Duration]{Min: shortestExpires, Max: longestCodeExpires},
			Alphanumeric: true,
		}},
	}
}

func request(req otp.SendRequest) (RequestCodeRequest, error) {
	return RequestCodeRequest{ChatID: chatID(req.To), Length: req.CodeLength, Expires: req.TTL}, nil
}

// Characters are one of the sets of which codes are made.
type Characters string

// The sets that the vendor has ("Request OTP Code"). It has none of small letters alone.
const (
	Digits    Characters = "digits"
	Letters   Characters = "letters"    // capitals and small letters
	UpperCase Characters = "upper_case" // capitals alone
)

// Alphabet says what the code is made of, instead of digits alone: the given sets, at least one.
func Alphabet(alphabet ...Characters) otp.SendOption {
	alphabet = slices.Clone(alphabet)
	has := func(set Characters) bool { return slices.Contains(alphabet, set) }
	isNone := func(set Characters) bool { return set != Digits && set != Letters && set != UpperCase }
	bad := len(alphabet) == 0 || slices.ContainsFunc(alphabet, isNone)
	return vendorkit.Option(vendor, func(r *RequestCodeRequest) error {
		r.NoNumber, r.UseLetter = !has(Digits), has(Letters) || has(UpperCase)
		r.AllCapital = has(UpperCase) && !has(Letters)
		return vendorkit.When(bad, "alphabet", "must be one or more of: digits, letters, upper_case")
	})
}
