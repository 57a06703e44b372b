package insidertest

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// sampleBrand stands in for the brand name of an account without an SMS channel; it is the one of the
// vendor's sample.
const sampleBrand = "YourBrandName"

// account is what was set up: channels, and templates by channel and locale. A template is the text of an
// SMS or the name of a WhatsApp template.
type account struct {
	channels  map[string]string // channel → brand name
	templates map[string]map[string]string
}

func newAccount() account {
	return account{channels: make(map[string]string), templates: make(map[string]map[string]string)}
}

// createChannel adds a channel. With an SMS channel come its ten templates ("Create a Channel"), which spare
// those that are there.
func (a *account) createChannel(channel, brandName string) {
	a.channels[channel] = brandName
	if a.templates[channel] == nil {
		a.templates[channel] = make(map[string]string)
	}
	if channel != sms {
		return
	}
	for _, locale := range strings.Fields(smsLocales) {
		a.setTemplate(sms, locale, a.template(sms, locale))
	}
}

func (a *account) setTemplate(channel, locale, value string) {
	if a.templates[channel] == nil {
		a.templates[channel] = make(map[string]string)
	}
	a.templates[channel][locale] = value
}

// template is the one in force, "" for none. On SMS every locale has one, even before the channel was
// created: an account acts as if its channels existed, unless Quirks.ChannelFirst.
func (a *account) template(channel, locale string) string {
	value := a.templates[channel][locale]
	if channel == sms {
		return cmp.Or(value, defaultTemplate(locale))
	}
	return value
}

// text is what the person reads. The one on WhatsApp is invented: the real one is in a template of the
// WhatsApp Business Account, which the Verify API only knows by name.
func (a *account) text(channel, locale, code string) string {
	if channel == whatsApp {
		return code + " is your verification code."
	}
	brand := cmp.Or(a.channels[sms], sampleBrand)
	return strings.NewReplacer("{brandName}", brand, "{code}", code).Replace(a.template(sms, locale))
}

// notSetUp refuses what comes before the channel or the template, when a quirk says so. The texts are
// invented.
func (s *Server) notSetUp(channel, locale string) (refusal otpsim.Answer, refused bool) {
	if refusal, refused = s.noChannel(channel); refused {
		return refusal, true
	}
	if s.quirks.TemplateFirst && s.account.template(channel, locale) == "" {
		return refuse(http.StatusBadRequest, problem{Message: "template not found", Field: "locale"}), true
	}
	return otpsim.Answer{}, false
}

func (s *Server) noChannel(channel string) (refusal otpsim.Answer, refused bool) {
	if _, created := s.account.channels[channel]; created || !s.quirks.ChannelFirst {
		return otpsim.Answer{}, false
	}
	return refuse(http.StatusBadRequest, problem{Message: "channel not found", Field: "channel"}), true
}
