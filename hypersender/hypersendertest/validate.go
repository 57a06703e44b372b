package hypersendertest

import (
	"net/http"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// validateCode is POST /{instance}/validate-code ("Validate Code"): chat and code find the uuid. It
// gives one of the page's four reasons for a code that is not accepted: wrong, expired, used, none.
// Their texts are invented.
func (s *Server) validateCode(f *form) otpsim.Answer {
	chatID, typed := f.chatID(true), f.text("code", true)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	now := s.Clock.Now()
	active, _ := s.active(chatID, now)
	m, found := s.findCode(chatID, typed)
	switch {
	case !found:
		return s.wrong(active)
	case m.State == otpsim.Verified:
		return s.reject(http.StatusConflict, "OTP code has already been used")
	case m.Over(now):
		return s.reject(http.StatusGone, "OTP code has expired")
	case active.State == otpsim.Locked:
		return s.tooManyAttempts()
	}
	s.Inbox.Attempt(m.ID, true)
	return s.success("OTP code validated successfully", struct {
		UUID        string `json:"uuid"`
		ChatID      string `json:"chat_id"`
		Status      string `json:"status"`
		ValidatedAt string `json:"validated_at"`
	}{m.ID, chatID, "validated", date(now)})
}

func (s *Server) find(chatID string, match func(otpsim.Message) bool) (otpsim.Message, bool) {
	return s.Inbox.Find(phoneOf(chatID), func(m otpsim.Message) bool { return m.Note == chatID && match(m) })
}

// active is the newest code of a chat that has neither expired nor been used. It may be locked.
func (s *Server) active(chatID string, now time.Time) (otpsim.Message, bool) {
	return s.find(chatID, func(m otpsim.Message) bool {
		return (m.State == "" || m.State == otpsim.Locked) && !m.Over(now)
	})
}

// findCode finds the message with a typed code, live or not: the newest, or with AnyLiveCode any.
func (s *Server) findCode(chatID, code string) (otpsim.Message, bool) {
	newest := true
	return s.find(chatID, func(m otpsim.Message) bool {
		counts := newest || s.quirks.AnyLiveCode
		newest = false
		return counts && (m.Code == code || s.quirks.IgnoreCase && strings.EqualFold(m.Code, code))
	})
}

func (s *Server) wrong(active otpsim.Message) otpsim.Answer {
	switch {
	case active.ID == "":
		return s.reject(http.StatusNotFound, "No active OTP found for this chat")
	case active.State == otpsim.Locked:
		return s.tooManyAttempts()
	}
	s.Inbox.Attempt(active.ID, false)
	return s.reject(http.StatusUnprocessableEntity, "Invalid OTP code")
}

func (s *Server) tooManyAttempts() otpsim.Answer {
	return s.reject(http.StatusUnprocessableEntity, "Too many wrong codes")
}

// reject answers in one of the styles that are possible; byReason is for Quirks.StatusByReason.
func (s *Server) reject(byReason int, message string) otpsim.Answer {
	status := http.StatusUnprocessableEntity
	switch {
	case s.quirks.RejectWith200:
		status = http.StatusOK
	case s.quirks.StatusByReason:
		status = byReason
	}
	answer := otpsim.JSON(status, struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}{false, message})
	answer.Refused = true
	return answer
}
