package hypersendertest

import (
	"net/url"
	"strings"
)

// The ranges of the two operations that have any, from the comments of the vendor's official client, and the
// default of expires ("Request OTP Code", "Generate Link").
const (
	minLength, maxLength = 4, 10

	minExpires, maxCodeExpires, maxLinkExpires = 60, 1800, 3600
	defaultExpires                             = 1800
)

// The ends of a chatId ("What is chatId"). @s.whatsapp.net stands in the vendor's payloads only, and groups are
// WhatsApp's convention.
const (
	userEnd     = "@c.us"
	hiddenEnd   = "@lid"
	groupEnd    = "@g.us"
	internalEnd = "@s.whatsapp.net"
)

// takes says whether a chatId is of a form that the server accepts.
func (q Quirks) takes(chatID string) bool {
	local, end, _ := strings.Cut(chatID, "@")
	switch end = "@" + end; {
	case q.PhoneNumbers && isPhone(chatID):
		return true
	case q.UserChatsOnly:
		return end == userEnd && isInternational(local)
	case q.AnyChatID:
		return true
	case end == userEnd, end == internalEnd:
		return isInternational(local)
	case end == hiddenEnd:
		return isDigits(local)
	case end == groupEnd:
		first, second, hyphen := strings.Cut(local, "-")
		return isDigits(first) && (!hyphen || isDigits(second))
	default:
		return false
	}
}

// phoneOf is the phone number that a chat or a way to write a number stands for: "+20123456789". What is none,
// such as a group, stays as it is.
func phoneOf(chat string) string {
	number := strings.TrimSuffix(strings.TrimSuffix(chat, userEnd), internalEnd)
	if digits := strings.TrimPrefix(number, "+"); isDigits(digits) {
		return "+" + digits
	}
	return chat
}

// jidOf is a user's id in WhatsApp's internal form.
func jidOf(chatID string) string {
	if digits, isNumber := strings.CutPrefix(phoneOf(chatID), "+"); isNumber {
		return digits + internalEnd
	}
	return chatID
}

// isPhone wants the plus and the country code, as the vendor's SMS API does.
func isPhone(text string) bool {
	digits, plus := strings.CutPrefix(text, "+")
	return plus && isInternational(digits)
}

// isInternational wants a full international number without plus, spaces and hyphens ("What is chatId"). That it
// has 7 to 15 digits and no zero first is how numbers are, not the vendor's word.
func isInternational(digits string) bool {
	return len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && isDigits(digits)
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func isWebAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
