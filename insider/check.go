package insider

import (
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The documented limits ("Generate OTP Codes", "Create a Channel", "Update OTP Templates").
const (
	shortestCode, longestCode       = 4, 8
	shortestTTL, longestTTL         = 60 * time.Second, 600 * time.Second
	fewestAttempts, mostAttempts    = 1, 10
	shortestBrand, longestBrand     = 3, 30
	shortestText, longestText       = 1, 100
	onlySMS, onlyWhatsApp           = "is for SMS only", "is for WhatsApp only"
	ownCodeOnSMS                    = "must be at least 1000 on SMS"
	differsFromCodeLength, required = "differs in length from code_length", "must not be empty"
)

func (r GenerateRequest) check() error {
	onSMS := r.Channel == otp.SMS
	return vendorkit.First(
		checkChannel(r.Channel, otp.SMS, otp.WhatsApp),
		otp.CheckRecipient(r.To),
		checkLocale(r.Channel, r.Locale),
		vendorkit.Seconds("ttl", r.TTL, shortestTTL, longestTTL),
		vendorkit.Between("code_length", r.CodeLength, shortestCode, longestCode),
		vendorkit.Digits("custom_code", r.CustomCode, shortestCode, longestCode),
		vendorkit.When(onSMS && isBelow1000(r.CustomCode), "custom_code", ownCodeOnSMS),
		vendorkit.When(r.CustomCode != "" && r.CodeLength != 0 && len(r.CustomCode) != r.CodeLength, "custom_code", differsFromCodeLength),
		vendorkit.Between("max_attempts", r.MaxAttempts, fewestAttempts, mostAttempts),
		vendorkit.When(r.IsUnique && onSMS, "is_unique", onlyWhatsApp),
		vendorkit.When(r.Callback != "" && !onSMS, "callback", onlySMS),
		vendorkit.URL("callback", r.Callback),
	)
}

// isBelow1000 is about a code of digits: without its zeros it has fewer than four.
func isBelow1000(code string) bool {
	return code != "" && len(strings.TrimLeft(code, "0")) < len("1000")
}

func (r CheckRequest) check() error {
	return vendorkit.First(otp.CheckRecipient(r.To), vendorkit.Required("code", r.Code), checkCode(r.Code))
}

func checkCode(code string) error { return vendorkit.Digits("code", code, shortestCode, longestCode) }

func (r CreateChannelRequest) check() error {
	return vendorkit.First(checkChannel(r.Channel, otp.SMS, otp.WhatsApp), checkBrand(r.Channel, r.BrandName))
}

func (r UpdateChannelRequest) check() error {
	return vendorkit.First(checkChannel(r.Channel, otp.SMS), checkBrand(r.Channel, r.BrandName))
}

func (r CreateTemplateRequest) check() error {
	return vendorkit.First(
		checkChannel(r.Channel, otp.WhatsApp),
		vendorkit.Required("locale", r.Locale),
		checkLocale(r.Channel, r.Locale),
		vendorkit.Required("template_name", r.TemplateName),
	)
}

func (r UpdateTemplateRequest) check() error {
	onSMS := r.Channel == otp.SMS
	return vendorkit.First(
		checkChannel(r.Channel, otp.SMS, otp.WhatsApp),
		vendorkit.Required("locale", r.Locale),
		checkLocale(r.Channel, r.Locale),
		vendorkit.When(onSMS && r.Text == "", "text", required),
		vendorkit.When(!onSMS && r.Text != "", "text", onlySMS),
		vendorkit.Characters("text", r.Text, shortestText, longestText),
		vendorkit.When(!onSMS && r.TemplateName == "", "template_name", required),
		vendorkit.When(onSMS && r.TemplateName != "", "template_name", onlyWhatsApp),
	)
}

func checkChannel(channel otp.Channel, allowed ...otp.Channel) error {
	return vendorkit.First(vendorkit.Required("channel", string(channel)), vendorkit.OneOf("channel", channel, allowed...))
}

func checkBrand(channel otp.Channel, brand string) error {
	return vendorkit.First(
		vendorkit.When(channel == otp.SMS && brand == "", "brand_name", required),
		vendorkit.When(channel != otp.SMS && brand != "", "brand_name", onlySMS),
		vendorkit.Characters("brand_name", brand, shortestBrand, longestBrand),
	)
}

func checkLocale(channel otp.Channel, locale string) error {
	list := whatsAppLocales
	if channel == otp.SMS {
		list = smsLocales
	}
	return vendorkit.OneOf("locale", locale, list...)
}

// The languages of the messages, to the letter ("Generate OTP Codes", WhatsApp and SMS).
var (
	whatsAppLocales = strings.Fields( //nolint:gochecknoglobals // nothing changes it
		"pt af sq ar az bn bg ca zh_CN zh_HK zh_TW hr cs da nl en en_GB en_US et fil fi fr ka de el gu ha he " +
			"hi hu id ga it ja kn kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa ro ru sr sk sl es es_AR es_ES " +
			"es_MX sw sv ta te th tr uk ur uz vi zu")
	smsLocales = strings.Fields( //nolint:gochecknoglobals // likewise
		"de en es fr it ja nl pt ru tr")
)
