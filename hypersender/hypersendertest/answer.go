package hypersendertest

import (
	"cmp"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// success is the envelope of every answer that is not an error.
func (s *Server) success(message string, data any) otpsim.Answer {
	return otpsim.JSON(cmp.Or(s.quirks.SuccessStatus, http.StatusOK), struct {
		Success bool   `json:"success"`
		Message string `json:"message"`
		Data    any    `json:"data"`
	}{true, message, data})
}

// date is how the samples write a moment: whole seconds, with an offset where RFC 3339 would allow a Z.
func date(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
