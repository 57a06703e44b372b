package insidertest

import (
	"slices"
	"strings"
)

// The two channels of Verify.
const (
	sms      = "sms"
	whatsApp = "whatsapp"
)

// The locales of generate and of templates ("Generate OTP Codes"), to the letter.
const (
	whatsAppLocales = "pt af sq ar az bn bg ca zh_CN zh_HK zh_TW hr cs da nl en en_GB en_US et fil fi fr ka de el gu ha he hi " +
		"hu id ga it ja kn kk rw_RW ko ky_KG lo lv lt mk ms ml mr nb fa pl pt_BR pt_PT pa ro ru sr sk sl es es_AR es_ES es_MX sw " +
		"sv ta te th tr uk ur uz vi zu"
	smsLocales = "de en es fr it ja nl pt ru tr"
)

func localesOf(channel string) string {
	if channel == sms {
		return smsLocales
	}
	return whatsAppLocales
}

func isOneOf(value, list string) bool { return slices.Contains(strings.Fields(list), value) }

// defaultTemplates are those that come with an SMS channel ("List OTP Templates").
var defaultTemplates = map[string]string{ //nolint:gochecknoglobals // nothing changes it
	"de": "Ihr {brandName} Bestätigungscode lautet: {code}",
	"en": "Your {brandName} verification code is: {code}",
	"es": "Su código de verificación de {brandName} es: {code}",
	"fr": "Votre code de vérification {brandName} est: {code}",
	"it": "Il tuo codice di verifica {brandName} è: {code}",
	"ja": "あなたの{brandName}確認コードは: {code}です",
	"nl": "Uw {brandName} verificatiecode is: {code}",
	"pt": "Seu código de verificação {brandName} é: {code}",
	"ru": "Ваш проверочный код {brandName}: {code}",
	"tr": "{brandName} doğrulama kodunuz: {code}",
}
