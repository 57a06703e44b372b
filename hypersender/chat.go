package hypersender

import (
	"regexp"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// ChatID returns the chat id of the person with a number in E.164: "+20123456789" is
// "20123456789@c.us" ("What is chatId"). Any other text is otp.ErrInvalidRecipient.
func ChatID(number string) (string, error) {
	if err := otp.CheckRecipient(number); err != nil {
		return "", err
	}
	return chatID(number), nil
}

func chatID(number string) string { return number[len("+"):] + "@c.us" }

// digitsOf are the digits of a chat id, which are a phone number if it is that of a person.
func digitsOf(chat string) string {
	user, _, _ := strings.Cut(chat, "@")
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, user)
}

// isSameChat reports whether two chat ids are the same text, or spell the same person.
func isSameChat(a, b string) bool { return a == b || personOf(a) != "" && personOf(a) == personOf(b) }

// personOf is the number in the chat id of a person, in one spelling; "" = a group or a hidden id.
func personOf(chat string) string {
	number, server, _ := strings.Cut(strings.ToLower(chat), "@")
	number = strings.TrimPrefix(number, "+")
	if server != "" && server != "c.us" && server != "s.whatsapp.net" || strings.Trim(number, "0123456789") != "" {
		return ""
	}
	return extraDigit.ReplaceAllString(number, "$1$2$3$4$5$6")
}

// extraDigit finds the digit that WhatsApp adds to some numbers and leaves out of others: the ninth
// one of Brazil, where eight digits that begin with 2 to 5 are another person's landline, and the
// one of mobile numbers in Mexico and Argentina.
var extraDigit = regexp.MustCompile(
	`\A(55[0-9]{2})9([6-9][0-9]{7})\z|\A(52)1([0-9]{10})\z|\A(54)9([0-9]{10})\z`)
