package kaleyra

import (
	"bytes"
	"encoding/json"

	"github.com/otp-sdk/otp-go/internal/httpcall"
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

// successData returns the data of a success: a 2xx with an object that has data, and no sign of a failure in either. It
// is empty for everything else. On Validate this decides whether somebody is let in.
func successData(a httpcall.Answer) httpcall.Object {
	body, err := a.Object()
	if err != nil || a.Status/100 != 2 || failed(body) {
		return httpcall.Object{}
	}
	data, err := body.Object("data")
	if err != nil || failed(data) {
		return httpcall.Object{}
	}
	return data
}

// failed reports whether an object speaks of a failure. The vendor's successes have no code; elsewhere on its platform
// there is one beside the error. An error that is empty is none.
func failed(o httpcall.Object) bool {
	code := o.Like("code")
	return !isEmpty(o.Like("error")) || !isEmpty(o.Like("errors")) || !isEmpty(code) && string(code) != `""`
}

// isEmpty reports whether a member is absent, null or {}.
func isEmpty(member json.RawMessage) bool {
	return member == nil || string(member) == "null" || string(bytes.Join(bytes.Fields(member), nil)) == "{}"
}

// readGenerated reports whether a is the success of Generate. Without a usable verify ID it is none.
func readGenerated(a httpcall.Answer, into *GenerateResponse) bool {
	data := successData(a)
	id := data.Text("verify_id")
	if !isID(id) {
		return false
	}
	*into = GenerateResponse{VerifyID: id, FlowID: data.Text("flow_id")}
	return true
}

// readValidated reports whether a is the success of Validate for the verify ID that was asked about.
func readValidated(a httpcall.Answer, asked string, into *ValidateResponse) bool {
	data := successData(a)
	if asked == "" || data.Text("verify_id") != asked {
		return false
	}
	*into = ValidateResponse{VerifyID: asked, Message: a.Text(data.Text("message"))}
	return true
}
