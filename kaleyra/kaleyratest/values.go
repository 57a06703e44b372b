package kaleyratest

import (
	"net/mail"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// notText stands for a member that is not a JSON string. No phone number, address, identifier or code is equal
// to it, so a wrong type is refused as a wrong value of that member is (invented).
const notText = "\x00"

// text reads a member as a string; "" when it is absent.
func text(object *otpsim.Object, name string) string {
	if raw := object.Raw(name); raw != nil && raw[0] != '"' {
		return notText
	}
	return object.String(name)
}

const minMobile, maxMobile = 3, 20 // digits, without the + (generating-otp, E805)

// readMobiles reads to.mobile, one number or several separated by commas (generating-otp). An empty one is a
// missing one, and spaces around a comma are not digits (both invented).
func readMobiles(to *otpsim.Object) (mobiles []string, problem errorCode) {
	value := text(to, "mobile")
	if value == "" {
		return nil, errNoMobile
	}
	mobiles = strings.Split(value, ",")
	for _, mobile := range mobiles {
		if !isMobile(mobile) {
			return nil, errMobile
		}
	}
	return mobiles, ""
}

// isMobile takes a number with or without its +: the page's sample has one, its E805 speaks of digits only.
func isMobile(number string) bool {
	number = strings.TrimPrefix(number, "+")
	return len(number) >= minMobile && len(number) <= maxMobile && isDigits(number)
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, digits) == ""
}

// readEmail reads to.email. An empty one is a bad one, not a missing one (invented).
func readEmail(to *otpsim.Object) (address string, problem errorCode) {
	if !to.Has("email") {
		return "", ""
	}
	address = text(to, "email")
	if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
		return "", errEmail
	}
	return address, ""
}

// recipient is how the inbox writes a recipient: a number with its +, an e-mail address as it is.
func recipient(to string) string {
	if isDigits(to) {
		return "+" + to
	}
	return to
}
