package smsfactortest

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Failure is how generate fails for a number that was set up WithFailure: one of the constants, or any other
// code of the vendor's general list. Which of them generate can answer with is not documented.
type Failure int

// Codes of the vendor's general list, answered like any error with a code.
const (
	OutOfCredit      Failure = 104
	SenderRefused    Failure = 106
	NoCorrectNumber  Failure = 117
	UnknownPrefix    Failure = 150 // no country has the number's prefix
	CountryNotServed Failure = 151
)

// Failures without a code. No page has them; every service does.
const (
	TooManyRequests Failure = -1 // 429, without a Retry-After
	ServerError     Failure = -2 // 500 with a web page
	NoAnswer        Failure = -3 // until the client leaves or the server closes
)

// errorPage is the page of ServerError (invented).
const errorPage = "<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>\n"

// fail answers for a number that was set up to fail.
func (s *Server) fail(r *http.Request, failure Failure) otpsim.Answer {
	switch failure {
	case TooManyRequests:
		return refuseStatus(http.StatusTooManyRequests)
	case ServerError:
		return otpsim.Answer{Status: http.StatusInternalServerError, Body: []byte(errorPage)}
	case NoAnswer:
		select {
		case <-r.Context().Done():
		case <-s.closing.Done():
		}
		return otpsim.Answer{} // nobody is left to read it; status 0 is "none" in the record of requests
	default:
		return s.refuse(int(failure))
	}
}
