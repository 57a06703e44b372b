package otpphone

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/nyaruka/phonenumbers"

	"github.com/otp-sdk/otp-go/otp"
)

// Line is the kind of line that a number is. Its text is stable.
type Line string

// The kinds of lines. FixedOrMobile is where a country does not tell the two apart, as those of +1.
const (
	Mobile        Line = "mobile"
	Fixed         Line = "fixed"
	FixedOrMobile Line = "fixed_or_mobile"
	TollFree      Line = "toll_free"
	Premium       Line = "premium"
	SharedCost    Line = "shared_cost"
	VoIP          Line = "voip"
	Personal      Line = "personal"
	Pager         Line = "pager"
	Company       Line = "company"
	Voicemail     Line = "voicemail"
	Unknown       Line = "unknown"
)

var lines = map[phonenumbers.PhoneNumberType]Line{ //nolint:gochecknoglobals // nothing changes it
	phonenumbers.MOBILE: Mobile, phonenumbers.FIXED_LINE: Fixed, phonenumbers.FIXED_LINE_OR_MOBILE: FixedOrMobile,
	phonenumbers.TOLL_FREE: TollFree, phonenumbers.PREMIUM_RATE: Premium, phonenumbers.SHARED_COST: SharedCost,
	phonenumbers.VOIP: VoIP, phonenumbers.PERSONAL_NUMBER: Personal, phonenumbers.PAGER: Pager,
	phonenumbers.UAN: Company, phonenumbers.VOICEMAIL: Voicemail,
}

// LineOf returns the kind of line that a number in E.164 is, as its country's numbering plan says:
// whether somebody uses it otherwise nobody but its operator knows.
func LineOf(number string) Line {
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return Unknown
	}
	return cmp.Or(lines[phonenumbers.GetNumberType(parsed)], Unknown)
}

// Deny is a hook for guard.BeforeSend that refuses these lines; without any, those that get no
// texts from vendors, or charge for them: [Premium], [SharedCost], [TollFree], [Pager], [Company],
// [Voicemail].
func Deny(lines ...Line) func(ctx context.Context, req otp.SendRequest) error {
	if lines = slices.Clone(lines); len(lines) == 0 {
		lines = []Line{Premium, SharedCost, TollFree, Pager, Company, Voicemail}
	}
	return func(_ context.Context, req otp.SendRequest) error {
		if line := LineOf(req.To); slices.Contains(lines, line) {
			return fmt.Errorf("%s lines get no codes", line)
		}
		return nil
	}
}
