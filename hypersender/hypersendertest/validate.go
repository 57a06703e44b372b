package hypersendertest

import (
	"cmp"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// validateCode judges a code: POST /{instance}/validate-code ("Validate Code"). The uuid is not sent; the chat
// and the code find it.
func (s *Server) validateCode(f *form) otpsim.Answer {
	chatID := f.chatID(true)
	typed := f.text("code", true)
	if refusal, refused := f.refusal(); refused {
		return refusal
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.judge(chatID, typed)
}

// judge gives one of the page's four reasons for a code that is not accepted: wrong, expired, used, none. It
// names no status and no text, so the texts are invented.
func (s *Server) judge(chatID, typed string) otpsim.Answer {
	now := s.Clock.Now()
	active, c := s.codes.active(chatID, now), s.codes.find(chatID, typed, s.quirks)
	switch {
	case c == nil:
		return s.wrongCode(active)
	case c.used:
		return s.reject(http.StatusConflict, "OTP code has already been used")
	case !c.live(now):
		return s.reject(http.StatusGone, "OTP code has expired")
	case s.locked(active):
		return s.tooManyAttempts()
	default:
		c.used = true
		s.Inbox.Judged(c.uuid, true)
		return s.validated(c, now)
	}
}

// wrongCode tells a code that is not the active one from a code where there is none to compare with.
func (s *Server) wrongCode(active *sentCode) otpsim.Answer {
	switch {
	case active == nil:
		return s.reject(http.StatusNotFound, "No active OTP found for this chat")
	case s.locked(active):
		return s.tooManyAttempts()
	default:
		active.wrong++
		s.Inbox.Judged(active.uuid, false)
		return s.reject(http.StatusUnprocessableEntity, "Invalid OTP code")
	}
}

// locked says whether the wrong attempts at a chat's active code are used up.
func (s *Server) locked(active *sentCode) bool {
	return s.quirks.MaxAttempts > 0 && active.wrong >= s.quirks.MaxAttempts
}

func (s *Server) tooManyAttempts() otpsim.Answer {
	return s.reject(http.StatusUnprocessableEntity, "Too many wrong codes")
}

// reject answers in one of the two styles. byReason is the status that quirk StatusByReason gives.
func (s *Server) reject(byReason int, message string) otpsim.Answer {
	if !s.quirks.StatusByReason {
		byReason = http.StatusUnprocessableEntity
	}
	if s.quirks.HideReason {
		message = "OTP code validation failed"
	}
	answer := otpsim.JSON(cmp.Or(s.quirks.WrongCodeStatus, byReason), struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
	}{false, message})
	answer.Refused = true
	return answer
}

func (s *Server) validated(c *sentCode, now time.Time) otpsim.Answer {
	return s.success("OTP code validated successfully", struct {
		UUID        string `json:"uuid"`
		ChatID      string `json:"chat_id"`
		Status      string `json:"status"`
		ValidatedAt string `json:"validated_at"`
	}{c.uuid, c.chatID, c.status(now), date(now)})
}
