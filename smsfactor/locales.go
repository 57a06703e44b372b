package smsfactor

import (
	"slices"
	"strings"
)

// voiceLanguages are the languages of calls, to the letter and in the vendor's order ("OTP: send a code").
const voiceLanguages = "en-US en-GB el-GR pl-PL hu-HU sv-SE de-DE es-ES es-LA fr-FR it-IT pt-BR ru-RU"

func languages() []string { return strings.Fields(voiceLanguages) }

// locales are what a portable request may name: the vendor's languages, and each base language by itself, for which the
// vendor has no name.
func locales() []string {
	all := languages()
	for _, tag := range languages() {
		if base, _, _ := strings.Cut(tag, "-"); !slices.Contains(all, base) {
			all = append(all, base)
		}
	}
	return all
}

// voiceLanguage is the vendor's language for one of locales: itself, or the first of the base language, "en-US" for
// "en".
func voiceLanguage(locale string) string {
	for _, tag := range languages() {
		if tag == locale || strings.HasPrefix(tag, locale+"-") {
			return tag
		}
	}
	return ""
}
