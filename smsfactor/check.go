package smsfactor

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// The documented limits ("OTP request create", "OTP: send a code"). Two are not the vendor's: its pages disagree on
// whether the shortest code has 3 or 4 characters, and give no range for the attempts.
const (
	shortestCode, longestCode    = 4, 32
	shortestTTL, longestTTL      = 3 * time.Second, 10_000_000 * time.Second
	fewestAttempts, mostAttempts = 1, 100
	shortestText, longestText    = 1, 1224
	placeholder                  = "{code}"
	onlyVoice                    = "is for voice_sms only"
)

var (
	validSender = regexp.MustCompile(`\A[0-9A-Za-z]{3,11}\z`)
	validExtra  = regexp.MustCompile(`\A[0-9A-Za-z_.-]{1,64}\z`)

	// validCode is every code that any setting of an account may produce, by either page.
	validCode = regexp.MustCompile(`\A[0-9A-Za-z!#$%&?@]{3,32}\z`)
)

func (r GenerateRequest) check() error {
	return check.First(
		otp.CheckRecipient(r.To),
		check.OneOf("channel", r.Channel, SMS, VoiceSMS, TextSMS, WhatsApp, Email, IMessage),
		checkSender(r.Sender),
		checkText(r.Text),
		check.Between("code_length", r.CodeLength, shortestCode, longestCode),
		r.checkSwitches(),
		check.Seconds("ttl", r.TTL, shortestTTL, longestTTL),
		check.Between("max_attempts", r.MaxAttempts, fewestAttempts, mostAttempts),
		checkIP("recipient_ip", r.RecipientIP),
		r.checkVoice(),
		checkExtra(r.Extra, generateBody{}),
	)
}

func (r GenerateRequest) checkSwitches() error {
	digits, upper, lower, special := r.AllowDigits, r.AllowUpperCase, r.AllowLowerCase, r.AllowSpecialChars
	return check.First(
		checkSwitch("allow_digits", digits),
		checkSwitch("allow_upper_case", upper),
		checkSwitch("allow_lower_case", lower),
		checkSwitch("allow_special_chars", special),
		checkSwitch("remove_confusing_characters", r.RemoveConfusingCharacters),
		check.When(digits == Off && upper == Off && lower == Off && special == Off,
			"allow_digits", "must not be off when all other alphabets are"),
	)
}

func (r GenerateRequest) checkVoice() error {
	if r.VoiceLanguage == "" && r.VoiceGender == "" {
		return nil
	}
	return check.First(
		check.When(r.VoiceLanguage != "" && r.Channel != VoiceSMS, "voice_language", onlyVoice),
		check.OneOf("voice_language", r.VoiceLanguage, languages()...),
		check.When(r.VoiceGender != "" && r.Channel != VoiceSMS, "voice_gender", onlyVoice),
		check.OneOf("voice_gender", r.VoiceGender, Male, Female),
	)
}

func (r ValidateRequest) check() error {
	return check.First(
		check.When(r.Token == "" && r.To == "", "token", "must not be empty when to is"),
		checkOptionalRecipient(r.To),
		check.Required("code", r.Code),
		checkCode(r.Code),
		checkExtra(r.Extra, validateBody{}),
	)
}

func checkOptionalRecipient(to string) error {
	if to == "" {
		return nil
	}
	return otp.CheckRecipient(to)
}

func checkCode(code string) error {
	return check.When(!validCode.MatchString(code), "code", "must be 3 to 32 letters, digits and ! # $ % & ? @")
}

func checkSender(sender string) error {
	broken := sender != "" && !validSender.MatchString(sender)
	return check.When(broken, "sender", "must be 3 to 11 ASCII letters and digits")
}

func checkText(text string) error {
	return check.First(
		check.When(!utf8.ValidString(text), "text", "must be valid UTF-8"),
		check.Characters("text", text, shortestText, longestText),
		check.When(strings.Count(text, placeholder) > 1, "text", "must hold "+placeholder+" at most once"),
	)
}

func checkSwitch(field string, s Switch) error {
	return check.When(s < AccountSetting || s > Off, field, "must be AccountSetting, On or Off")
}

func checkIP(field, ip string) error {
	if ip == "" {
		return nil
	}
	addr, err := netip.ParseAddr(ip)
	return check.When(err != nil || addr.Zone() != "", field, "must be an IP address")
}

// ownNames are names of this package, and of the other operation, that are none of the fields of a request on the wire.
// As extra fields they would be silently ignored by the vendor, or show it a secret where none belongs.
const ownNames = "to ttl max_attempts token code otp_request_token extra api_login api_key base_url"

// checkExtra refuses extra fields that override one of the body's own, in whatever spelling.
func checkExtra(extra map[string]any, body any) error {
	if len(extra) == 0 {
		return nil
	}
	fields := namedFields(body)
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		if !validExtra.MatchString(name) {
			return check.Invalid("extra", `must have names of 1 to 64 ASCII letters, digits, "_", "-" and "."`)
		}
		normal := strings.ReplaceAll(strings.ToLower(name), "-", "_")
		if _, named := fields[normal]; named || slices.Contains(strings.Fields(ownNames), normal) {
			return check.Invalid("extra", fmt.Sprintf("must not hold %s, which is set elsewhere", normal))
		}
		if _, err := json.Marshal(extra[name]); err != nil {
			return check.Invalid("extra", "holds a value that cannot be written as JSON")
		}
	}
	return nil
}
