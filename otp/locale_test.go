package otp_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
)

func TestMatchLocale(t *testing.T) {
	some := []string{"en", "pt_BR", "pt_PT", "de", "zh_CN", "sr_Latn_RS", "fr_CA"}
	cases := []struct {
		name, tag string
		locales   []string
		want      string
	}{
		{"as BCP 47 spells it", "pt-BR", some, "pt_BR"},
		{"as the vendor spells it", "pt_BR", some, "pt_BR"},
		{"in small letters", "pt_br", some, "pt_BR"},
		{"in other letters", "PT-br", some, "pt_BR"},
		{"another region of the same language", "pt-PT", some, "pt_PT"},
		{"three parts, exactly", "sr-Latn-RS", some, "sr_Latn_RS"},
		{"the language alone", "de", some, "de"},

		{"a region falls to its language", "de-AT", some, "de"},
		{"a script and a region fall to the language", "de-Latn-AT", some, "de"},
		{"a variant falls to its language", "en-GB-oxendict", some, "en"},
		{"a variant falls to its region first", "en-GB-oxendict", []string{"en", "en_GB"}, "en_GB"},
		{"exactly before the language", "pt-BR", []string{"pt", "pt-br"}, "pt-br"},
		{"exactly before the language, in any order", "pt-BR", []string{"pt-br", "pt"}, "pt-br"},
		{"the language before the usual region", "pt-AO", []string{"pt_BR", "pt"}, "pt"},

		{"a language in its usual region", "de", []string{"de-AT", "de-DE", "de-CH"}, "de-DE"},
		{"another region in the usual one", "de-LI", []string{"de-AT", "de-DE", "de-CH"}, "de-DE"},
		{"English means the one of the US", "en", []string{"en_GB", "en_US"}, "en_US"},
		{"Portuguese means the one of Brazil", "pt-AO", some, "pt_BR"},
		{"Chinese means the simplified one", "zh", []string{"zh_TW", "zh_HK", "zh_CN"}, "zh_CN"},
		{"unless it is the traditional one", "zh-Hant", []string{"zh_CN", "zh_HK", "zh_TW"}, "zh_TW"},
		{"which is written in Hong Kong", "zh-HK", []string{"zh_CN", "zh_TW"}, "zh_TW"},
		{"Arabic means the one of Egypt", "ar", []string{"ar_AE", "ar_EG"}, "ar_EG"},
		{"Swedish is not spoken in sv", "sv", []string{"sv_FI", "sv_SE"}, "sv_SE"},
		{"a language in its one region", "fr", some, "fr_CA"},
		{"another region in the one there is", "fr-FR", some, "fr_CA"},
		{"another script in the one region there is", "zh-Hans", some, "zh_CN"},
		{"several regions, none of them usual", "es-CL", []string{"es_AR", "es_MX"}, ""},

		{"a language that is not there", "xx", some, ""},
		{"a region of a language that is not there", "xx-DE", some, ""},
		{"a part of a language", "d", some, ""},
		{"a longer language", "deu", some, ""},
		{"a shorter language", "fr", []string{"fra_CA", "frr"}, ""},
		{"no language at all", "en", nil, ""},

		{"nothing", "", some, ""},
		{"a separator alone", "-", some, ""},
		{"a region alone", "-BR", some, ""},
		{"a separator behind", "de-", some, ""},
		{"a space behind", "de ", some, ""},
		{"a part of nine letters", "de-abcdefghi", some, ""},
		{"a locale of POSIX", "de_DE.UTF-8", some, ""},
		{"other letters", "dé", some, ""},
		{"an empty language of the provider's", "en", []string{"", "_", "en"}, "en"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			locale, found := otp.Features{Locales: c.locales}.MatchLocale(c.tag)
			assert.Equal(t, c.want, locale)
			assert.Equal(t, c.want != "", found)
		})
	}
}

func TestMatchLocaleDoesNotDependOnTheOrder(t *testing.T) {
	locales := []string{"en_GB", "en_US", "pt_PT", "pt_BR", "de_AT", "de", "fr_CA"}
	backwards := []string{"fr_CA", "de", "de_AT", "pt_BR", "pt_PT", "en_US", "en_GB"}
	for _, tag := range []string{"en", "en-AU", "en-GB", "pt", "pt-AO", "de", "de-DE", "de-AT", "fr", "it"} {
		one, _ := otp.Features{Locales: locales}.MatchLocale(tag)
		other, _ := otp.Features{Locales: backwards}.MatchLocale(tag)
		assert.Equal(t, one, other, tag)
	}
}
