package insidertest

import (
	"maps"
	"net/http"
	"slices"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const maxTemplateText = 100

// createTemplate is POST /v1/template/create ("Create OTP Template", WhatsApp only). That the name stands for
// an approved template of the WhatsApp Business Account is taken for granted.
func (s *Server) createTemplate(f *form) otpsim.Answer {
	f.sampled = fieldOneOf + whatsApp
	channel := f.oneOf("channel", whatsApp)
	locale := f.oneOf("locale", whatsAppLocales)
	name := f.required("templateName")
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	return s.storeTemplate(channel, locale, name)
}

// updateTemplate is POST /v1/template/update ("Update OTP Templates", WhatsApp and SMS). On WhatsApp the
// page's table has text and its sample templateName; the sample fits what the API does.
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
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	return s.storeTemplate(channel, locale, value)
}

// storeTemplate serves create and update alike: a "no changes detected" on create shows that the vendor, too,
// lets it replace a template.
func (s *Server) storeTemplate(channel, locale, value string) otpsim.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal, refused := s.noChannel(channel); refused {
		return refusal
	}
	if s.account.template(channel, locale) == value {
		return refuse(http.StatusConflict, problem{Message: noChanges})
	}
	s.account.setTemplate(channel, locale, value)
	return success(http.StatusAccepted)
}

// listedTemplate is one template as template/list shows it: text is empty on WhatsApp, templateName absent
// on SMS.
type listedTemplate struct {
	Locale       string `json:"locale"`
	Text         string `json:"text"`
	TemplateName string `json:"templateName,omitempty"`
}

// listTemplates is GET /v1/template/list ("List OTP Templates"), by channel and in order of locale.
func (s *Server) listTemplates(*form) otpsim.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
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
