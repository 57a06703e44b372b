package otp

import "strings"

// MatchLocale returns the provider's spelling of the language that is nearest to a BCP 47 tag, whatever
// its case and separators: the tag itself ("pt-BR" finds "pt_BR"), else its base language ("de-AT" finds
// "de"), else that language in its one or usual region ("de" finds "de-DE", "en" finds "en-US"). False
// means that the provider has no such language, or that tag is none.
func (f Features) MatchLocale(tag string) (string, bool) {
	want := normalLocale(tag)
	base, _, _ := strings.Cut(want, "-")
	if base == "" {
		return "", false
	}
	var regional, usual string
	for _, locale := range f.Locales {
		switch has := normalLocale(locale); {
		case has == want:
			return locale, true
		case has == base:
			regional, usual = locale, locale
		case !strings.HasPrefix(has, base+"-"):
		case has == usualLocale(want, base):
			if usual == "" {
				usual = locale
			}
		case regional == "":
			regional = locale
		}
	}
	if usual != "" {
		return usual, true
	}
	return regional, regional != ""
}

// usualLocale is the region that most people mean by a language, where several are likely: CLDR, likely
// subtags.
func usualLocale(tag, base string) string {
	switch base {
	case "en":
		return "en-us"
	case "pt":
		return "pt-br"
	case "zh":
		if strings.Contains(tag, "-hant") {
			return "zh-tw"
		}
		return "zh-cn"
	case "ar":
		return "ar-eg"
	default:
		return base + "-" + base
	}
}

func normalLocale(tag string) string {
	return strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
}
