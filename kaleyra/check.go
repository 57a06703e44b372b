package kaleyra

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var (
	validSID = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,64}\z`)

	// validCode is the vendor's rule E803 ("Generate OTPs") and the length that no code exceeds.
	validCode = regexp.MustCompile(`\A[A-Za-z0-9]{1,32}\z`)
)

const (
	longestCode  = 32
	longestID    = 128
	longestEmail = 254 // RFC 5321, section 4.5.3.1.3

	sidRule     = `must be 1 to 64 letters, digits, "-" or "_"`
	idRule      = "must be 1 to 128 printable ASCII characters without spaces"
	codeRule    = "must be 1 to 32 letters and digits"
	emailRule   = `must be one bare address such as "a@b.example"`
	lengthRule  = "must be 1 to 32, or 0 when it is not declared"
	ttlRule     = "must be whole seconds, or 0 when it is not declared"
	channelRule = "must each be one of: sms, voice"
)

func (c Config) check() error {
	isForeign := func(channel otp.Channel) bool { return channel != otp.SMS && channel != otp.Voice }
	return vendorkit.First(
		vendorkit.When(!validSID.MatchString(c.SID), "sid", sidRule),
		vendorkit.When(c.FlowID != "" && !isID(c.FlowID), "flow_id", idRule),
		vendorkit.When(c.Flow.CodeLength < 0 || c.Flow.CodeLength > longestCode, "flow.code_length", lengthRule),
		vendorkit.When(c.Flow.TTL < 0 || c.Flow.TTL%time.Second != 0, "flow.ttl", ttlRule),
		vendorkit.When(slices.ContainsFunc(c.Flow.Channels, isForeign), "flow.channels", channelRule),
	)
}

func (r GenerateRequest) check() error {
	return vendorkit.First(
		otp.CheckRecipient(r.To),
		vendorkit.When(r.Email != "" && !isAddress(r.Email), "email", emailRule),
		vendorkit.When(r.FlowID != "" && !isID(r.FlowID), "flow_id", idRule),
	)
}

func (r ValidateRequest) check() error {
	return vendorkit.First(
		vendorkit.When(!isID(r.VerifyID), "verify_id", idRule),
		vendorkit.When(!validCode.MatchString(r.Code), "code", codeRule),
	)
}

// isID is wider than the UUIDs of the samples, and narrow enough for a comparison and a log.
func isID(s string) bool {
	strange := func(r rune) bool { return r < '!' || r > '~' }
	return s != "" && len(s) <= longestID && !strings.ContainsFunc(s, strange)
}

// isAddress reports whether a text is one e-mail address: a list would hand the code to a stranger.
func isAddress(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text && len(text) <= longestEmail
}
