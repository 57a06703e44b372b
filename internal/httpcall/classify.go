package httpcall

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp"
)

// outcomeOf is the decision table for an answer about which the vendor's documents say nothing more.
func outcomeOf(class Class, status int) otp.Outcome {
	if class == Verify {
		return outcomeOfVerify(status)
	}
	switch status {
	case 400, 401, 402, 403, 404, 405, 410, 411, 413, 414, 415, 421, 422, 425, 426, 428, 429, 431, 501, 505:
		return otp.OutcomeNotSent
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect: // "repeat this elsewhere": it was not done here
		return otp.OutcomeNotSent
	default: // 2xx that is no success, 409, 408, 5xx; also 301 to 303, which servers answer when the work is done
		return otp.OutcomeUnknown
	}
}

// outcomeOfVerify holds only the statuses of a vendor that cannot have looked at the code.
func outcomeOfVerify(status int) otp.Outcome {
	switch status {
	case 400, 401, 403, 429:
		return otp.OutcomeNotSent
	default:
		return otp.OutcomeUnknown
	}
}

// kindOf is the category of an answer about which the vendor's documents say nothing more.
func kindOf(status int) otp.Kind {
	switch status {
	case 401, 403:
		return otp.ErrUnauthorized
	case 402:
		return otp.ErrInsufficientFunds
	case 404, 405, 410, 421, 426: // the wrong host or path
		return otp.ErrMisconfigured
	case 408, 425:
		return otp.ErrUnavailable
	case 429:
		return otp.ErrRateLimited
	}
	switch status / 100 {
	case 3:
		return otp.ErrMisconfigured
	case 4:
		return otp.ErrInvalidRequest
	case 5:
		return otp.ErrUnavailable
	default:
		return otp.ErrProtocol
	}
}

func isRedirect(status int) bool { return status/100 == 3 }
