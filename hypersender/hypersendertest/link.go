package hypersendertest

import (
	"net/url"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	// linkCodeLength is that of the page's sample, of capital letters; no page says a rule.
	linkCodeLength = 8

	// businessNumber is the instance's own, to which links lead (invented).
	businessNumber = "12025550100"
)

type linkRequest struct {
	chatID  string // whose link it is; "" = anyone's
	prompt  string
	expires time.Duration
	links   links
}

func readLink(f *form) linkRequest {
	all, most := f.quirks.RequireAll, f.quirks.needsMost()
	req := linkRequest{chatID: f.chatID(all), expires: f.seconds("expires", all, maxLinkExpires)}
	f.text("name", most)
	texts, callbacks := f.section("message", most), f.section("callback", most)
	req.prompt = texts.text("prompt", most)
	for _, outcome := range []string{"success", "failed", "expired"} {
		texts.text(outcome, most)
	}
	req.links = links{callbacks.webAddress("success", most), callbacks.webAddress("failed", most)}
	return req
}

type linkData struct {
	UUID         string  `json:"uuid"`
	Code         string  `json:"code"`
	ChatID       *string `json:"chat_id"`
	Status       string  `json:"status"`
	OTPType      string  `json:"otp_type"`
	ExpiresAt    string  `json:"expires_at"`
	CreatedAt    string  `json:"created_at"`
	WhatsAppLink string  `json:"whatsapp_link"`
}

// generateLink makes a link, for the caller to deliver. Without chatId, chat_id is null (invented).
func (s *Server) generateLink(f *form) otpsim.Answer {
	req := readLink(f)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	now, code := s.Clock.Now(), otpsim.Random(capitals, linkCodeLength)
	data := linkData{
		UUID: otpsim.UUID(), Code: code, Status: "pending", OTPType: "link",
		ExpiresAt: date(now.Add(req.expires)), CreatedAt: date(now), WhatsAppLink: whatsAppLink(req.prompt, code),
	}
	if req.chatID != "" {
		data.ChatID = &req.chatID
	}
	s.keepLink(data.UUID, req.links)
	return s.success("OTP link request created successfully", data)
}

// whatsAppLink leads to the message, form-encoded as in the sample.
func whatsAppLink(prompt, code string) string {
	text := strings.TrimLeft(prompt+" ["+code+"] - DO NOT CHANGE THIS MESSAGE", " ")
	return "https://wa.me/" + businessNumber + "?text=" + url.QueryEscape(text)
}
