package hypersendertest

import (
	"net/http"
	"strconv"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Limits are the account's rate limits. The zero value has none. Every operation is counted by itself, in a
// window that slides on the server's Clock. The vendor's introduction says that there are limits and gives no
// figure, so there are no documented ones to choose.
type Limits struct {
	RequestCode  Rate // POST request-code
	ValidateCode Rate // POST validate-code
	GenerateLink Rate // POST generate-link
}

// meter counts one request to an operation, or refuses it.
type meter func() (refusal otpsim.Answer, refused bool)

func (s *Server) meter(rate Rate) meter {
	window := otpsim.NewWindow(s.Clock, rate)
	return func() (otpsim.Answer, bool) {
		wait, ok := window.Take()
		if ok {
			return otpsim.Answer{}, false
		}
		answer := s.refuse(http.StatusTooManyRequests)
		answer.Header = make(http.Header)
		if !s.quirks.NoRetryAfter {
			answer.Header.Set("Retry-After", otpsim.RetryAfter(wait))
			answer.Header.Set("X-RateLimit-Limit", strconv.Itoa(rate.Events))
			answer.Header.Set("X-RateLimit-Remaining", "0")
		}
		if s.quirks.RateLimitReset {
			answer.Header.Set("X-RateLimit-Reset", strconv.FormatInt(s.Clock.Now().Add(wait).Unix(), 10))
		}
		return answer, true
	}
}
