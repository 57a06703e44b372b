package smsfactor

import (
	"encoding/json"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The documented limits ("OTP request create", "OTP: send a code"), but for two: the pages disagree
// whether the shortest code has 3 or 4 characters, and give no range for the attempts.
const (
	shortestCode, longestCode    = 4, 32
	shortestTTL, longestTTL      = 3 * time.Second, 10_000_000 * time.Second
	fewestAttempts, mostAttempts = 1, 100
	shortestText, longestText    = 1, 1224
	placeholder                  = "{code}"
	onlyVoice                    = "is for voice only"
)

// voiceLanguages are the languages of calls, in the vendor's order ("OTP: send a code").
var voiceLanguages = strings.Fields( //nolint:gochecknoglobals // nothing changes it
	"en-US en-GB el-GR pl-PL hu-HU sv-SE de-DE es-ES es-LA fr-FR it-IT pt-BR ru-RU")

var (
	validSender = regexp.MustCompile(`\A[0-9A-Za-z]{3,11}\z`)
	validExtra  = regexp.MustCompile(`\A[0-9A-Za-z_.-]{1,64}\z`)

	// validCode is every code that any setting of an account may produce, by either page.
	validCode = regexp.MustCompile(`\A[0-9A-Za-z!#$%&?@]{3,32}\z`)
)

func (r GenerateRequest) check() error {
	onlyDigits, onVoice := r.digitsOnly(), r.Channel == otp.Voice
	return vendorkit.First(
		otp.CheckRecipient(r.To),
		vendorkit.OneOf("channel", r.Channel, otp.SMS, otp.Voice, otp.WhatsApp, TextSMS, Email, IMessage),
		checkSender(r.Sender),
		checkText(r.Text),
		vendorkit.Between("code_length", r.CodeLength, shortestCode, longestCode),
		checkSwitch("allow_digits", r.AllowDigits),
		checkSwitch("allow_upper_case", r.AllowUpperCase),
		checkSwitch("allow_lower_case", r.AllowLowerCase),
		checkSwitch("allow_special_chars", r.AllowSpecialChars),
		checkSwitch("remove_confusing_characters", r.RemoveConfusingCharacters),
		vendorkit.When(onlyDigits && r.AllowDigits == Off, "allow_digits", "must not be off when all other alphabets are"),
		vendorkit.Seconds("ttl", r.TTL, shortestTTL, longestTTL),
		vendorkit.Between("max_attempts", r.MaxAttempts, fewestAttempts, mostAttempts),
		checkIP("recipient_ip", r.RecipientIP),
		vendorkit.When(r.VoiceLanguage != "" && !onVoice, "voice_language", onlyVoice),
		vendorkit.OneOf("voice_language", r.VoiceLanguage, voiceLanguages...),
		vendorkit.When(r.VoiceGender != "" && !onVoice, "voice_gender", onlyVoice),
		vendorkit.OneOf("voice_gender", r.VoiceGender, Male, Female),
		checkExtra(r.Extra, generateNames),
	)
}

func (r ValidateRequest) check() error {
	err := vendorkit.When(r.Token == "", "token", "must not be empty when to is")
	if r.To != "" {
		err = otp.CheckRecipient(r.To)
	}
	return vendorkit.First(
		err,
		vendorkit.Required("code", r.Code),
		vendorkit.When(!validCode.MatchString(r.Code), "code", "must be 3 to 32 letters, digits and ! # $ % & ? @"),
		checkExtra(r.Extra, validateNames),
	)
}

func checkSender(sender string) error {
	broken := sender != "" && !validSender.MatchString(sender)
	return vendorkit.When(broken, "sender", "must be 3 to 11 ASCII letters and digits")
}

func checkText(text string) error {
	return vendorkit.First(
		vendorkit.When(!utf8.ValidString(text), "text", "must be valid UTF-8"),
		vendorkit.Characters("text", text, shortestText, longestText),
		vendorkit.When(strings.Count(text, placeholder) > 1, "text", "must hold "+placeholder+" at most once"),
	)
}

func checkSwitch(field string, s Switch) error {
	return vendorkit.When(s < AccountSetting || s > Off, field, "must be AccountSetting, On or Off")
}

func checkIP(field, ip string) error {
	if ip == "" {
		return nil
	}
	addr, err := netip.ParseAddr(ip)
	return vendorkit.When(err != nil || addr.Zone() != "", field, "must be an IP address")
}

// What extra fields must not be called: the operation's own fields, and names of this package and
// the other operation, which the vendor would ignore, or which would show it a secret.
const (
	ownNames      = " to ttl max_attempts token code otp_request_token extra api_login api_key base_url"
	validateNames = "phone_number" + ownNames
	generateNames = "phone_number text channel sender code_length allow_digits allow_upper_case allow_lower_case " +
		"allow_special_chars remove_confusing_characters validity_period max_wrong_attempts recipient_ip " +
		"voice_language voice_gender" + ownNames
)

func checkExtra(extra map[string]any, taken string) error {
	if len(extra) == 0 {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		normal := strings.ReplaceAll(strings.ToLower(name), "-", "_")
		err := vendorkit.First(
			vendorkit.When(!validExtra.MatchString(name), "extra",
				`must have names of 1 to 64 ASCII letters, digits, "_", "-" and "."`),
			vendorkit.When(slices.Contains(strings.Fields(taken), normal), "extra",
				"must not hold "+normal+", which is set elsewhere"),
			vendorkit.When(!isWritable(extra[name]), "extra", "holds a value that cannot be written as JSON"),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// isWritable reports whether a value from outside, whose methods may panic, can be written as JSON.
func isWritable(value any) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	_, err := json.Marshal(value)
	return err == nil
}
