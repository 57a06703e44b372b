package smsfactortest

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	voiceLanguages = "en-US en-GB el-GR pl-PL hu-HU sv-SE de-DE es-ES es-LA fr-FR it-IT pt-BR ru-RU"
	voiceGenders   = "male female"
)

// generate makes a code and sends it: POST /service/otp/generate (otp-mfa-send-a-code).
func (s *Server) generate(f *form) otpsim.Answer {
	to, settings := f.phone(), f.settings(s.settings)
	f.sender()
	language := f.oneOf("voice_language", "", voiceLanguages)
	f.oneOf("voice_gender", "", voiceGenders)
	f.address("recipient_ip")
	refused := f.refused()
	switch {
	case f.absent("phone_number"):
		return s.refuse(noRecipient)
	case to == "":
		return s.refuse(wrongNumber)
	case refused != "":
		return s.refuseField(refused)
	}
	ticket := "sms_" // as on the vendor's campaign calls: sms_5fa275dbf21dc, vocal_5fed928fda524
	if settings.Channel == voice {
		ticket = "vocal_"
	} else {
		language = ""
	}
	ticket += otpsim.Random("0123456789abcdef", 13)
	r := reply{Ticket: ticket, Token: s.send(to, language, ticket, settings)}
	if s.quirks.NoTicket {
		r.Ticket = ""
	}
	return s.accept(r)
}

// send puts the text into the inbox and returns its token, of the form of the pages' sample.
func (s *Server) send(to, language, ticket string, settings Settings) (token string) {
	if older, _ := s.Inbox.Last(to); s.quirks.NewestCodeOnly {
		s.Inbox.Replace(older.ID) // those before it already are
	}
	now, code := s.Clock.Now(), otpsim.Random(settings.alphabet(), settings.CodeLength)
	token = "otp_" + otpsim.Random(digits+lowerCase, 24)
	expires := now.Add(settings.ValidityPeriod)
	s.Inbox.Deliver(otpsim.Message{
		ID: token, To: to, Channel: settings.Channel, Locale: language, Text: render(settings.Text, code, expires),
		Code: code, SentAt: now, ExpiresAt: expires, MaxAttempts: settings.MaxWrongAttempts,
		Note: ticket, Callback: s.callback,
	})
	return token
}

// render is the text that goes out (page otp-mfa-send-a-code): an empty one sends the code alone,
// and without {code} it is appended, as callers rely on. What {hh:mm:ss} is, in which zone, no page
// says.
func render(text, code string, expires time.Time) string {
	if !strings.Contains(text, "{code}") {
		text += "{code}"
	}
	return strings.NewReplacer("{code}", code, "{hh:mm:ss}", expires.UTC().Format(time.TimeOnly)).Replace(text)
}

func (f *form) settings(account Settings) Settings {
	channels := sms + " " + siteChannels
	if f.quirks.OnlySiteChannels {
		channels = siteChannels
	}
	st := account
	st.Text = f.messageText(account.Text)
	st.Channel = f.oneOf("channel", account.Channel, channels)
	st.CodeLength = f.number("code_length", account.CodeLength, minCodeLength, maxCodeLength, castInt)
	f.alphabets(&st)
	seconds := int(account.ValidityPeriod / time.Second)
	seconds = f.number("validity_period", seconds, minValidity, maxValidity, castInt)
	st.ValidityPeriod = time.Duration(seconds) * time.Second
	// The pages give no range for the attempts; that one is the least is invented.
	st.MaxWrongAttempts = f.number("max_wrong_attempts", account.MaxWrongAttempts, 1, math.MaxInt32, castCount)
	return st
}

// alphabets reads what a code is made of. None is refused, or the account's (invented).
func (f *form) alphabets(st *Settings) {
	before := *st
	fields := []string{"allow_digits", "allow_upper_case", "allow_lower_case", "allow_special_chars"}
	for i, allowed := range []*bool{&st.AllowDigits, &st.AllowUpperCase, &st.AllowLowerCase, &st.AllowSpecialChars} {
		*allowed = read(f, fields[i], *allowed, castBool)
	}
	if st.alphabet() == "" {
		*st = before
		for _, field := range slices.DeleteFunc(fields, f.absent) {
			f.note(field, useless)
		}
	}
	st.removeConfusing = read(f, "remove_confusing_characters", false, castBool)
}

// messageText reads text. An empty one sends the code alone (page otp-mfa-send-a-code).
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
func (f *form) sender() {
	read(f, "sender", "", func(raw json.RawMessage) (string, fit) {
		text, how := castString(raw)
		sender := strip(text, digits+upperCase+lowerCase)
		ok := len(sender) >= minSender && len(sender) <= maxSender
		return sender, fitOf(ok, how == exact && sender == text)
	})
}
