package hypersendertest

import (
	"fmt"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// invalidData is the vendor's own text, from the error that its WhatsApp API answers.
const invalidData = "The given data was invalid."

// errorBody is the vendor's error body. errors holds lists of texts, but not only.
type errorBody struct {
	Message    string `json:"message"`
	Errors     any    `json:"errors,omitempty"`
	StatusCode int    `json:"statusCode,omitempty"`
}

// refuse is an error that needs nothing but its status.
func (s *Server) refuse(status int) otpsim.Answer {
	return s.refuseWith(status, statusText(status), nil)
}

func (s *Server) refuseWith(status int, message string, errors any) otpsim.Answer {
	body := errorBody{Message: message, Errors: errors}
	if s.quirks.StatusCodeInBody {
		body.StatusCode = status
	}
	return otpsim.JSON(status, body)
}

// statusText is the message for a status. The OTP API's own are not documented: the first ones are Laravel's,
// the rest is invented.
func statusText(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "Unauthenticated."
	case status == http.StatusForbidden:
		return "This action is unauthorized."
	case status == http.StatusUnprocessableEntity:
		return invalidData
	case status == http.StatusTooManyRequests:
		return "Too Many Attempts."
	case status >= http.StatusInternalServerError:
		return "Server Error"
	default:
		return http.StatusText(status)
	}
}

// notOnWhatsApp is the error of the vendor's WhatsApp API for a recipient without WhatsApp, to the letter of the
// fixture in its official client. The status is the one that the body repeats.
func notOnWhatsApp(chatID string) otpsim.Answer {
	type unknownRecipient struct {
		Messages []string `json:"messages"`
		JID      string   `json:"jid"`
		Exists   bool     `json:"exists"`
	}
	return otpsim.JSON(http.StatusUnprocessableEntity, errorBody{
		Message: invalidData,
		Errors: unknownRecipient{
			Messages: []string{"The number you want to send the message to is not on whatsapp."},
			JID:      jidOf(chatID),
		},
		StatusCode: http.StatusUnprocessableEntity,
	})
}

// problem is what is wrong with one field.
type problem struct {
	field, message string
}

// refuseFields refuses a request whose fields are missing or wrong, in one of Laravel's two ways to word the
// message.
func (s *Server) refuseFields(status int, problems []problem) otpsim.Answer {
	message := invalidData
	if s.quirks.FirstErrorAsMessage {
		message = problems[0].message + more(len(problems)-1)
	}
	byField := make(map[string][]string)
	for _, p := range problems {
		byField[p.field] = append(byField[p.field], p.message)
	}
	return s.refuseWith(status, message, byField)
}

func more(errors int) string {
	switch errors {
	case 0:
		return ""
	case 1:
		return " (and 1 more error)"
	default:
		return fmt.Sprintf(" (and %d more errors)", errors)
	}
}
