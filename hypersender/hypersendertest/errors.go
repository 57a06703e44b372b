package hypersendertest

import (
	"cmp"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const invalidData = "The given data was invalid."

type errorBody struct {
	Message    string `json:"message"`
	Errors     any    `json:"errors,omitempty"`
	StatusCode int    `json:"statusCode,omitempty"`
}

// Error is a fault: it answers with this status and {"message":message}, such as Laravel's answers
// to a path or a record that it does not know:
//
//	Error(404, "The route api/otp/v2/request-code could not be found.")
//	Error(404, "No query results for model [App\\Models\\Instance].")
func Error(status int, message string) otpsim.Fault {
	return otpsim.Reply(status, string(otpsim.JSON(status, errorBody{Message: message}).Body))
}

// NotOnWhatsApp is a fault: the phone at to is not on WhatsApp, and every code for it is refused
// until Heal. The body is that of a fixture of the vendor's official client, to the letter.
func NotOnWhatsApp(to string) otpsim.Fault {
	body := otpsim.JSON(http.StatusUnprocessableEntity, errorBody{
		Message: invalidData,
		Errors: struct {
			Messages []string `json:"messages"`
			JID      string   `json:"jid"`
			Exists   bool     `json:"exists"`
		}{
			Messages: []string{"The number you want to send the message to is not on whatsapp."},
			JID:      jidOf(to),
		},
		StatusCode: http.StatusUnprocessableEntity,
	}).Body
	return otpsim.Reply(http.StatusUnprocessableEntity, string(body)).On("request-code").To(phoneOf(to)).Always()
}

// refuseStatus is the answer by status alone: the first texts are Laravel's, the rest is invented.
func refuseStatus(status int) otpsim.Answer {
	known := map[int]string{401: "Unauthenticated.", 403: "This action is unauthorized.", 422: invalidData, 429: "Too Many Attempts."}
	message := cmp.Or(known[status], http.StatusText(status))
	if status >= http.StatusInternalServerError {
		message = "Server Error"
	}
	return otpsim.JSON(status, errorBody{Message: message})
}
