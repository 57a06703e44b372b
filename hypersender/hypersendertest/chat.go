package hypersendertest

import "strings"

// The ends of a chatId ("What is chatId"); groups are WhatsApp's convention.
const (
	userEnd     = "@c.us"
	hiddenEnd   = "@lid"
	groupEnd    = "@g.us"
	internalEnd = "@s.whatsapp.net"
)

// isChat takes the forms that the vendor shows, <digits>@c.us, <digits>@lid and
// <digits>@s.whatsapp.net, and those of a WhatsApp group, <digits>@g.us and <digits>-<digits>@g.us.
func isChat(chatID string) bool {
	local, end, _ := strings.Cut(chatID, "@")
	switch "@" + end {
	case userEnd, internalEnd:
		return isInternational(local)
	case hiddenEnd:
		return isDigits(local)
	case groupEnd:
		first, second, hyphen := strings.Cut(local, "-")
		return isDigits(first) && (!hyphen || isDigits(second))
	default:
		return false
	}
}

// phoneOf is the phone number of a chat, "+20123456789". What is none stays as it is.
func phoneOf(chat string) string {
	number := strings.TrimSuffix(strings.TrimSuffix(chat, userEnd), internalEnd)
	if digits := strings.TrimPrefix(number, "+"); isDigits(digits) {
		return "+" + digits
	}
	return chat
}

func jidOf(chat string) string {
	if digits, isNumber := strings.CutPrefix(phoneOf(chat), "+"); isNumber {
		return digits + internalEnd
	}
	return chat
}

// isInternational wants a full number ("What is chatId"); 7 to 15 digits, no zero first (invented).
func isInternational(number string) bool {
	return len(number) >= 7 && len(number) <= 15 && number[0] != '0' && isDigits(number)
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, digits) == "" }
