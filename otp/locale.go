package otp

import (
	"cmp"
	"slices"
	"strings"
)

// MatchLocale returns the provider's spelling of the language that is nearest to a BCP 47 tag,
// whatever its case and separators: the tag itself ("pt-BR" finds "pt_BR"), else the tag without
// its last parts down to the language ("de-AT" finds "de"), else that language in the one region
// that there is, or in the usual one ("de" finds "de-DE", "pt-AO" finds "pt-BR"). False means that
// the provider has no such language, or that tag is none: then it sends in its default.
func (f Features) MatchLocale(tag string) (string, bool) {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	if !isLocale(tag) {
		return "", false
	}
	for part := tag; part != ""; part = part[:max(0, strings.LastIndexByte(part, '-'))] {
		if i := slices.IndexFunc(f.Locales, func(l string) bool { return isSpelling(l, part) }); i >= 0 {
			return f.Locales[i], true
		}
	}
	return f.matchRegion(tag)
}

// matchRegion finds the language of tag in some region: the usual one, or the only one.
func (f Features) matchRegion(tag string) (string, bool) {
	language, _, _ := strings.Cut(tag, "-")
	usual := usualLocale(tag, language)
	var found []string
	for _, locale := range f.Locales {
		switch {
		case isSpelling(locale, usual):
			return locale, true
		case len(locale) > len(language) && isSpelling(locale[:len(language)+1], language+"-"):
			found = append(found, locale)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

// usualRegions are where most people speak a language whose region is not called like it, by CLDR's
// likely subtags.
var usualRegions = map[string]string{ //nolint:gochecknoglobals // a table that nothing changes
	"ar": "eg", "bn": "bd", "ca": "es", "cs": "cz", "da": "dk", "el": "gr", "en": "us", "et": "ee", "fa": "ir",
	"he": "il", "hi": "in", "ja": "jp", "ka": "ge", "kk": "kz", "ko": "kr", "ms": "my", "nb": "no", "pt": "br",
	"sl": "si", "sq": "al", "sr": "rs", "sv": "se", "sw": "tz", "ta": "in", "uk": "ua", "ur": "pk", "vi": "vn",
	"zh": "cn",
}

func usualLocale(tag, language string) string {
	switch tag {
	case "zh-hant", "zh-hant-hk", "zh-hant-mo", "zh-hk", "zh-mo": // in traditional script
		return "zh-tw"
	}
	return language + "-" + cmp.Or(usualRegions[language], language)
}

// isLocale reports whether a tag in small letters has the form of one: parts of 1 to 8 letters and
// digits, the first of 2 letters or more.
func isLocale(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		if part == "" || len(part) > 8 || i == 0 && len(part) < 2 ||
			strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}

// isSpelling reports whether locale is a spelling of tag, which is in small letters with dashes.
func isSpelling(locale, tag string) bool {
	return len(locale) == len(tag) && strings.EqualFold(strings.ReplaceAll(locale, "_", "-"), tag)
}
