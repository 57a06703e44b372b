package smsfactortest

import (
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Limits are the account's rate limits. The zero value has none, and the vendor documents none for these calls.
// Each operation is counted by itself, in a window that slides on the server's Clock.
type Limits struct {
	Generate Rate // POST otp/generate
	Validate Rate // PUT otp/validate
}

// refuseRate is the answer over a limit. All of it is invented.
func (s *Server) refuseRate(wait time.Duration) otpsim.Answer {
	answer := refuseStatus(http.StatusTooManyRequests)
	if s.quirks.RetryAfter {
		answer.Header = http.Header{"Retry-After": {otpsim.RetryAfter(wait)}}
	}
	return answer
}
