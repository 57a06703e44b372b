package smsfactortest

import (
	"encoding/json"
	"math"
	"net/netip"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	sms   = "sms"
	voice = "voice_sms"

	referenceChannels = sms + " " + voice
	siteChannels      = "text_sms " + voice + " whatsapp email imessage"

	voiceLanguages = "en-US en-GB el-GR pl-PL hu-HU sv-SE de-DE es-ES es-LA fr-FR it-IT pt-BR ru-RU"
	voiceGenders   = "male female"
)

// settings reads the fields of generate that stand in for a setting of the account (the reference; page
// otp-mfa-send-a-code).
func (f *form) settings(account Settings) Settings {
	st := account
	st.Text = f.messageText(account.Text)
	st.Channel = f.oneOf("channel", account.Channel, f.channels())
	st.Sender = f.sender(account)
	st.CodeLength = f.number("code_length", account.CodeLength, f.shortestCode(), maxCodeLength, castInt)
	f.alphabets(&st)
	st.RemoveConfusingCharacters = read(f, "remove_confusing_characters", account.RemoveConfusingCharacters, castBool)
	seconds := int(account.ValidityPeriod / time.Second)
	seconds = f.number("validity_period", seconds, minValidity, maxValidity, castInt)
	st.ValidityPeriod = time.Duration(seconds) * time.Second
	// The pages give no range for the attempts; that one is the least is invented.
	st.MaxWrongAttempts = f.number("max_wrong_attempts", account.MaxWrongAttempts, 1, math.MaxInt32, castCount)
	st.VoiceLanguage = f.oneOf("voice_language", account.VoiceLanguage, voiceLanguages)
	st.VoiceGender = f.oneOf("voice_gender", account.VoiceGender, voiceGenders)
	return st
}

// number reads an integer with a range.
func (f *form) number(name string, fallback, low, high int, cast func(json.RawMessage) (int, fit)) int {
	return read(f, name, fallback, func(raw json.RawMessage) (int, fit) {
		n, how := cast(raw)
		if how == useless || n >= low && n <= high {
			return n, how
		}
		return min(max(n, low), high), judged(f.quirks.NearestValue, false)
	})
}

func (f *form) shortestCode() int {
	if f.quirks.ThreeCharacters {
		return shortestCode
	}
	return minCodeLength
}

// alphabets reads the four alphabets of the code. A request that leaves none of them is refused by a strict
// server; a lenient one keeps to the account's (invented).
func (f *form) alphabets(st *Settings) {
	before := *st
	fields := []struct {
		name    string
		allowed *bool
	}{
		{"allow_digits", &st.AllowDigits},
		{"allow_upper_case", &st.AllowUpperCase},
		{"allow_lower_case", &st.AllowLowerCase},
		{"allow_special_chars", &st.AllowSpecialChars},
	}
	for _, field := range fields {
		*field.allowed = read(f, field.name, *field.allowed, castBool)
	}
	if st.alphabet() != "" {
		return
	}
	*st = before
	for _, field := range fields {
		if !f.absent(field.name) {
			f.note(field.name, useless)
		}
	}
}

// messageText reads text. An empty one is not the same as none: it sends the code alone (page
// otp-mfa-send-a-code).
func (f *form) messageText(fallback string) string {
	if string(f.Raw("text")) == `""` {
		f.known = append(f.known, "text")
		return ""
	}
	return read(f, "text", fallback, func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		if utf8.RuneCountInString(text) > maxText {
			return "", useless
		}
		return text, how
	})
}

// sender reads who the text is from: 3 to 11 letters and digits (the reference).
func (f *form) sender(account Settings) string {
	return read(f, "sender", account.Sender, func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		sender := strip(text, digits+upperCase+lowerCase)
		ok := len(sender) >= minSender && len(sender) <= maxSender && !account.FixedSender
		return sender, judged(ok, how == exact && sender == text)
	})
}

// channels are the names that the service knows. The vendor's two lists differ.
func (f *form) channels() string {
	switch {
	case f.quirks.OnlyReferenceChannels:
		return referenceChannels
	case f.quirks.OnlySiteChannels:
		return siteChannels
	default:
		return referenceChannels + " " + siteChannels
	}
}

// oneOf reads a word of a list. A word in other letters, or with _ for -, is a good guess, and so is sms_voice,
// as the page otp-mfa-send-a-code once spells voice_sms.
func (f *form) oneOf(name, fallback, list string) string {
	return read(f, name, fallback, func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		for _, word := range strings.Fields(list) {
			if alike(text, word) {
				return word, judged(true, how == exact && word == text)
			}
		}
		return "", useless
	})
}

func alike(text, word string) bool {
	plain := strings.NewReplacer("_", "-", "sms_voice", "voice-sms")
	return strings.EqualFold(plain.Replace(strings.ToLower(strings.TrimSpace(text))), plain.Replace(word))
}

// address reads an IP address.
func (f *form) address(name string) string {
	return read(f, name, "", func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		address := strings.TrimSpace(text)
		_, err := netip.ParseAddr(address)
		return address, judged(err == nil, how == exact && address == text)
	})
}
