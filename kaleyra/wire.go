package kaleyra

import (
	"cmp"
	"encoding/json"
	"regexp"

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

// object is a JSON object with the names of its members to the letter and none of them twice.
type object map[string]json.RawMessage

// objectOf reads one member of an answer as an object. One that is absent or null is an empty object.
func objectOf(member json.RawMessage) (object, error) {
	if member == nil || string(member) == "null" {
		return nil, nil
	}
	return httpcall.Object(member)
}

// text is a member that is a string; "" for any other.
func (o object) text(name string) string { return httpcall.String(o[name]) }

// code is a member that is a string or, as elsewhere on the vendor's platform, a number.
func (o object) code(name string) string {
	var n json.Number
	_ = json.Unmarshal(o[name], &n) // what is neither leaves it empty
	return cmp.Or(o.text(name), n.String())
}

// failureCode is what the vendor's codes for failures look like.
var failureCode = regexp.MustCompile(`\A(E|RBC)[0-9]+\z`)

// successData returns the data of a success, which is a 2xx with an object that speaks of no error: "error" is absent or
// empty. It is nil for everything else. On Validate this decides whether somebody is let in.
func successData(a httpcall.Answer) object {
	members, err := a.Object()
	body := object(members)
	if a.Status/100 != 2 || err != nil || failureCode.MatchString(body.text("code")) {
		return nil
	}
	failure, err := objectOf(body["error"])
	if err != nil || len(failure) > 0 {
		return nil
	}
	data, err := objectOf(body["data"])
	if err != nil {
		return nil
	}
	return data
}

// readGenerated reports whether a is the success of Generate. Without a usable verify ID it is none.
func readGenerated(a httpcall.Answer, into *GenerateResponse) bool {
	data := successData(a)
	id := data.text("verify_id")
	if !validID.MatchString(id) {
		return false
	}
	*into = GenerateResponse{VerifyID: id, FlowID: data.text("flow_id")}
	return true
}

// readValidated reports whether a is the success of Validate for the verify ID that was asked about.
func readValidated(a httpcall.Answer, asked string, into *ValidateResponse) bool {
	data := successData(a)
	if asked == "" || data.text("verify_id") != asked {
		return false
	}
	*into = ValidateResponse{VerifyID: asked, Message: a.Text(data.text("message"))}
	return true
}
