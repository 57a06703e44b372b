package insidertest

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const minBrandName, maxBrandName = 3, 30

// createChannel is POST /v1/channel/create ("Create a Channel", WhatsApp and SMS).
func (s *Server) createChannel(f *form) otpsim.Answer {
	// Each page's error for a wrong channel lists its own. Only the SMS page's request has a brandName, so
	// that tells which page the caller goes by (invented).
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.account.channels[channel]; exists {
		return s.channelExists()
	}
	s.account.createChannel(channel, brandName)
	return success(http.StatusCreated)
}

func (s *Server) channelExists() otpsim.Answer {
	status := http.StatusBadRequest
	if s.quirks.ChannelExistsIs500 {
		status = http.StatusInternalServerError
	}
	return refuse(status, problem{Message: channelExists})
}

// updateChannel is POST /v1/channel/update ("Update a Channel", SMS only). A channel that was never created is
// taken to exist, unless Quirks.ChannelFirst (invented): a real account may have one from the panel.
func (s *Server) updateChannel(f *form) otpsim.Answer {
	channel := f.oneOf("channel", sms)
	brandName := f.length("brandName", minBrandName, maxBrandName)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal, refused := s.noChannel(channel); refused {
		return refusal
	}
	s.account.createChannel(channel, brandName)
	return success(http.StatusAccepted)
}
