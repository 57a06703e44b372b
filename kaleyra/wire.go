package kaleyra

import (
	"encoding/json"
	"strings"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// What stands on the wire.

type generateBody struct {
	FlowID string `json:"flow_id,omitempty"`
	To     toBody `json:"to"`
}

type toBody struct {
	Mobile string `json:"mobile"`
	Email  string `json:"email,omitempty"`
}

func (r GenerateRequest) body() generateBody {
	return generateBody{FlowID: r.FlowID, To: toBody{Mobile: r.To, Email: r.Email}}
}

type validateBody struct {
	VerifyID string `json:"verify_id"`
	OTP      string `json:"otp"` // quoted in the vendor's samples, so that leading zeros survive
}

func (r ValidateRequest) body() validateBody { return validateBody{VerifyID: r.VerifyID, OTP: r.Code} }

// readData returns the data of an answer, and whether nothing speaks of a failure.
func readData(a vendorkit.Answer) (data vendorkit.Object, ok bool) {
	body, err := a.Object()
	if err != nil {
		return data, false
	}
	if data, err = body.Object("data"); err != nil {
		return data, false
	}
	failed := body.HasErrors() || data.HasErrors() || body.Has("code") || data.Has("code") // only errors have one
	return data, !failed
}

// readGenerated reports whether the body is Generate's success. A failure's ID is kept.
func readGenerated(a vendorkit.Answer, number string, into *GenerateResponse) bool {
	data, ok := readData(a)
	id := data.Text("verify_id")
	if !isID(id) {
		return false
	}
	a.Sent(id, 0)
	if into != nil {
		*into = GenerateResponse{VerifyID: id, FlowID: data.Text("flow_id")}
	}
	to, _ := data.Object("to")
	return ok && isSameNumber(to.Text("mobile"), number)
}

// isSameNumber reports whether an answer's number may be the one asked for: its end is the same.
func isSameNumber(answered, asked string) bool {
	const telling = 7
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, answered)
	return len(digits) < telling || strings.HasSuffix(asked, digits[len(digits)-telling:])
}

// readValidated reports whether the body is Validate's success for this verify ID, and lets people
// in.
func readValidated(a vendorkit.Answer, asked string, into *ValidateResponse) bool {
	data, ok := readData(a)
	if !ok || asked == "" || data.Text("verify_id") != asked {
		return false
	}
	if into != nil { // to mask a text costs what a portable call need not pay
		*into = ValidateResponse{VerifyID: asked, Message: a.Text(data.Text("message"))}
	}
	return true
}

// hasVerifyID reports whether an answer has what only a success has, wherever it stands.
func hasVerifyID(answer vendorkit.Object) bool {
	var data struct {
		VerifyID any `json:"verify_id"`
	}
	_ = json.Unmarshal(answer.Like("data"), &data)               // what is no object has none
	_ = json.Unmarshal(answer.Like("verify_id"), &data.VerifyID) // likewise
	return data.VerifyID != nil && data.VerifyID != ""
}
