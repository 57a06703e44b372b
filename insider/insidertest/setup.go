package insidertest

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	minBrandName, maxBrandName = 3, 30
	maxTemplateText            = 100

	// sampleBrand is the brand name of an account without an SMS channel (the vendor's sample).
	sampleBrand = "YourBrandName"
)

// account is what was set up: channels, and templates, a text or a name, by channel and locale.
type account struct {
	channels  map[string]string // channel → brand name
	templates map[string]map[string]string
}

// createChannel adds a channel, SMS with its ten templates ("Create a Channel").
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

// template is the one in force, "" for none. On SMS every locale has one, even before the channel
// was created: an account acts as if its channels existed, unless Quirks.ChannelFirst.
func (a *account) template(channel, locale string) string {
	value := a.templates[channel][locale]
	if channel == sms {
		return cmp.Or(value, defaultTemplates[locale])
	}
	return value
}

// text is what the person reads. That on WhatsApp is invented: Verify knows templates by name only.
func (a *account) text(channel, locale, code string) string {
	if channel == whatsApp {
		return code + " is your verification code."
	}
	brand := cmp.Or(a.channels[sms], sampleBrand)
	return strings.NewReplacer("{brandName}", brand, "{code}", code).Replace(a.template(sms, locale))
}

// notSetUp refuses, by a quirk, what comes before its channel or template. The texts are invented.
func (s *Server) notSetUp(channel, locale string) (refusal otpsim.Answer, refused bool) {
	if refusal, refused = s.noChannel(channel); refused {
		return refusal, true
	}
	if s.quirks.TemplateFirst && s.account.template(channel, locale) == "" {
		return refuse(http.StatusBadRequest, "template not found", "locale"), true
	}
	return otpsim.Answer{}, false
}

func (s *Server) noChannel(channel string) (refusal otpsim.Answer, refused bool) {
	if _, created := s.account.channels[channel]; created || !s.quirks.ChannelFirst {
		return otpsim.Answer{}, false
	}
	return refuse(http.StatusBadRequest, "channel not found", "channel"), true
}

// createChannel is POST /v1/channel/create ("Create a Channel", WhatsApp and SMS).
func (s *Server) createChannel(f *form) otpsim.Answer {
	// Each page's error lists its own channel. Only the SMS page has a brandName (invented).
	page := whatsApp
	if channel := f.text("channel"); channel == sms || channel != whatsApp && f.Has("brandName") {
		page = sms
	}
	channel := f.oneOf("channel", page)
	brandName := f.text("brandName")
	if page == sms {
		brandName = f.length("brandName", minBrandName, maxBrandName)
	}
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	if _, exists := s.account.channels[channel]; exists {
		return refuse(http.StatusBadRequest, channelExists, "")
	}
	s.account.createChannel(channel, brandName)
	return success(http.StatusCreated)
}

// updateChannel is POST /v1/channel/update ("Update a Channel", SMS only), or of the panel's.
func (s *Server) updateChannel(f *form) otpsim.Answer {
	channel := f.oneOf("channel", sms)
	brandName := f.length("brandName", minBrandName, maxBrandName)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	if refusal, refused := s.noChannel(channel); refused {
		return refusal
	}
	s.account.createChannel(channel, brandName)
	return success(http.StatusAccepted)
}

func (s *Server) createTemplate(f *form) otpsim.Answer {
	channel := f.oneOf("channel", whatsApp)
	locale := f.oneOf("locale", whatsAppLocales)
	name := f.required("templateName")
	return s.storeTemplate(f, channel, locale, name)
}

// updateTemplate is POST /v1/template/update ("Update OTP Templates"). For WhatsApp the page's
// table has text and its sample templateName; the sample fits what the API does.
func (s *Server) updateTemplate(f *form) otpsim.Answer {
	channel := f.oneOf("channel", whatsApp+" "+sms)
	for _, field := range []string{"locale", "text", "templateName"} {
		f.text(field) // its type counts, whatever the channel
	}
	var locale, value string
	switch channel {
	case sms:
		locale = f.oneOf("locale", smsLocales)
		value = f.length("text", 1, maxTemplateText)
	case whatsApp:
		locale = f.oneOf("locale", whatsAppLocales)
		value = f.required("templateName")
	}
	return s.storeTemplate(f, channel, locale, value)
}

// storeTemplate serves create and update alike, as "no changes detected" on create shows.
func (s *Server) storeTemplate(f *form, channel, locale, value string) otpsim.Answer {
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	if refusal, refused := s.noChannel(channel); refused {
		return refusal
	}
	if s.account.template(channel, locale) == value {
		return refuse(http.StatusConflict, noChanges, "")
	}
	s.account.setTemplate(channel, locale, value)
	return success(http.StatusAccepted)
}

// listedTemplate is a template in a list: text is empty on WhatsApp, templateName absent on SMS.
type listedTemplate struct {
	Locale       string `json:"locale"`
	Text         string `json:"text"`
	TemplateName string `json:"templateName,omitempty"`
}

// listTemplates is GET /v1/template/list ("List OTP Templates"), by channel and in order of locale.
func (s *Server) listTemplates(*http.Request, []byte) otpsim.Answer {
	templates := make(map[string][]listedTemplate)
	for channel, byLocale := range s.account.templates {
		templates[channel] = []listedTemplate{}
		for _, locale := range slices.Sorted(maps.Keys(byLocale)) {
			listed := listedTemplate{Locale: locale, Text: byLocale[locale]}
			if channel == whatsApp {
				listed.Text, listed.TemplateName = "", byLocale[locale]
			}
			templates[channel] = append(templates[channel], listed)
		}
	}
	return otpsim.JSON(http.StatusOK, map[string]any{"templates": templates})
}
