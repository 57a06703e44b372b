package hypersender

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// What stands on the wire. Requests have camel case, answers snake case.

type requestCodeBody struct {
	ChatID     string `json:"chatId"`
	Length     int    `json:"length"`
	UseLetter  bool   `json:"useLetter"`
	UseNumber  bool   `json:"useNumber"`
	AllCapital bool   `json:"allCapital"`
	Name       string `json:"name"`
	Expires    int    `json:"expires"`
}

func (r RequestCodeRequest) body(appName string) requestCodeBody {
	return requestCodeBody{
		ChatID: r.ChatID, Length: cmp.Or(r.Length, defaultCode),
		UseLetter: r.UseLetter, UseNumber: !r.NoNumber, AllCapital: r.AllCapital,
		Name: cmp.Or(r.Name, appName), Expires: seconds(r.Expires),
	}
}

type validateCodeBody struct {
	ChatID string `json:"chatId"`
	Code   string `json:"code"`
}

func (r ValidateCodeRequest) body() validateCodeBody { return validateCodeBody(r) }

type generateLinkBody struct {
	ChatID   string           `json:"chatId,omitempty"`
	Expires  int              `json:"expires"`
	Name     string           `json:"name"`
	Message  LinkMessage      `json:"message,omitzero"`
	Callback linkCallbackBody `json:"callback,omitzero"`
}

type linkCallbackBody struct {
	Success string `json:"success,omitempty"`
	Failed  string `json:"failed,omitempty"`
}

func (r GenerateLinkRequest) body(appName string) generateLinkBody {
	return generateLinkBody{
		ChatID: r.ChatID, Expires: seconds(r.Expires), Name: cmp.Or(r.Name, appName),
		Message: r.Message, Callback: linkCallbackBody(r.Callback),
	}
}

func seconds(expires time.Duration) int { return int(cmp.Or(expires, defaultExpires) / time.Second) }

// readData returns the data of an answer, and whether the body is a success of any operation: one
// object with success true, and no errors in it or its data. Data that is no object is no data. No
// page prints a status.
func readData(a vendorkit.Answer) (data vendorkit.Object, ok bool) {
	body, _ := a.Object()
	data, err := body.Object("data")
	ambiguous := err != nil && bytes.HasPrefix(body.Get("data"), []byte("{"))
	return data, string(body.Get("success")) == "true" && !ambiguous && !body.HasErrors() && !data.HasErrors()
}

// readRequested takes what it can but the code. The UUID is kept also of a failure.
func readRequested(a vendorkit.Answer, chat string, into *RequestCodeResponse) bool {
	data, ok := readData(a)
	uuid, created, expires := data.Text("uuid"), date(data.Text("created_at")), date(data.Text("expires_at"))
	a.Sent(uuid, lifetime(created, expires))
	if into != nil {
		*into = RequestCodeResponse{
			UUID: uuid, Status: data.Text("status"), OTPType: data.Text("otp_type"), ExpiresAt: expires, CreatedAt: created,
		}
	}
	answered := data.Text("chat_id")
	return ok && (answered == "" || isSameChat(answered, chat))
}

// lifetime is how long the vendor says that a code is valid, by its clock; 0 = not said.
func lifetime(created, expires time.Time) time.Duration {
	if ttl := expires.Sub(created); 0 < ttl && ttl <= longestCodeExpires {
		return ttl
	}
	return 0
}

// readLink wants a success with a link in it: there is nothing to deliver otherwise.
func readLink(a vendorkit.Answer, into *GenerateLinkResponse) bool {
	data, ok := readData(a)
	*into = GenerateLinkResponse{
		UUID: data.Text("uuid"), WhatsAppLink: data.Text("whatsapp_link"),
		Status: data.Text("status"), OTPType: data.Text("otp_type"),
		ExpiresAt: date(data.Text("expires_at")), CreatedAt: date(data.Text("created_at")),
	}
	// What is no link stays out of the caller's page: it may be a script.
	return ok && strings.HasPrefix(into.WhatsAppLink, "https://") && vendorkit.URL("", into.WhatsAppLink) == nil
}

func hasSent(answer vendorkit.Object) bool {
	var data struct{ UUID, Code any }
	_ = json.Unmarshal(answer.Like("data"), &data) // what is no object has none
	return claimsSuccess(answer) || data.UUID != nil || data.Code != nil || answer.Like("uuid") != nil
}

func claimsSuccess(answer vendorkit.Object) bool {
	success := strings.ToLower(strings.Trim(string(answer.Like("success")), `" `))
	return success == "true" || success == "1"
}

const statusValidated = "validated"

// readValidated reports whether the body is a success with its status ("validate-code"), of the
// UUID where both sides know it, else of the chat. This decides whether somebody is let in.
func readValidated(a vendorkit.Answer, uuid, chat string, into *ValidateCodeResponse) bool {
	data, ok := readData(a)
	if !ok || data.Text("status") != statusValidated {
		return false
	}
	validated := data.Text("uuid")
	if into != nil {
		*into = ValidateCodeResponse{UUID: validated, Status: statusValidated, ValidatedAt: date(data.Text("validated_at"))}
	}
	if uuid != "" && validated != "" {
		return strings.EqualFold(uuid, validated)
	}
	if uuid != "" && !isTextOrNone(data.Get("uuid")) || !isTextOrNone(data.Get("chat_id")) {
		return false // it may be that of another verification
	}
	answered := data.Text("chat_id")
	return answered == "" || isSameChat(answered, chat)
}

func isTextOrNone(value json.RawMessage) bool {
	return value == nil || value[0] == '"' || string(value) == "null"
}

func hasValidated(answer vendorkit.Object) bool {
	var data struct{ Status any }
	_ = json.Unmarshal(answer.Like("data"), &data) // what is no object has none
	return claimsSuccess(answer) || data.Status == statusValidated
}

// date is zero for what is no RFC 3339 date, or one that cannot be meant.
func date(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() > 9000 {
		return time.Time{}
	}
	return t.UTC()
}
