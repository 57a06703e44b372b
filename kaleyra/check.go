package kaleyra

import (
	"net/mail"
	"regexp"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
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

	sidRule   = `must be 1 to 64 letters, digits, "-" or "_"`
	idRule    = "must be 1 to 128 printable ASCII characters without spaces"
	codeRule  = "must be 1 to 32 letters and digits"
	emailRule = `must be one bare address such as "a@b.example"`
)

// check returns the field that breaks a rule, and the rule; both are empty when none does. The key and the base URL are
// the HTTP core's to check.
func (c Config) check() (field, rule string) {
	switch {
	case !validSID.MatchString(c.SID):
		return "sid", sidRule
	case c.FlowID != "" && !isID(c.FlowID):
		return "flow_id", idRule
	case c.Flow.CodeLength < 0 || c.Flow.CodeLength > longestCode:
		return "flow.code_length", "must be 1 to 32, or 0 when it is not declared"
	case c.Flow.TTL < 0 || c.Flow.TTL%time.Second != 0:
		return "flow.ttl", "must be whole seconds, or 0 when it is not declared"
	}
	for _, channel := range c.Flow.Channels {
		if channel != otp.SMS && channel != otp.Voice {
			return "flow.channels", "must each be one of: sms, voice"
		}
	}
	return "", ""
}

func (r GenerateRequest) check() error {
	return check.First(
		otp.CheckRecipient(r.To),
		checkEmail(r.Email),
		check.When(r.FlowID != "" && !isID(r.FlowID), "flow_id", idRule),
	)
}

func (r ValidateRequest) check() error {
	return check.First(
		check.When(!isID(r.VerifyID), "verify_id", idRule),
		check.When(!validCode.MatchString(r.Code), "code", codeRule),
	)
}

// isID is wider than the UUIDs of the vendor's samples, and narrow enough to be compared byte for byte and to stand in a
// log.
func isID(s string) bool {
	strange := func(r rune) bool { return r < '!' || r > '~' }
	return s != "" && len(s) <= longestID && !strings.ContainsFunc(s, strange)
}

// checkEmail refuses what is not exactly one address and nothing else. A list would hand the code to a stranger, as a list
// of numbers would. The empty address passes.
func checkEmail(address string) error {
	if address == "" {
		return nil
	}
	parsed, err := mail.ParseAddress(address)
	bare := err == nil && parsed.Address == address && len(address) <= longestEmail
	return check.When(!bare, "email", emailRule)
}
