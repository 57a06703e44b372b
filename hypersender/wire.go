package hypersender

import (
	"cmp"
	"errors"
	"net/url"
	"time"

	"github.com/otp-sdk/otp-go/internal/httpcall"
)

// What stands on the wire. Requests have camel case, answers snake case.

// requestCodeBody has no field that is ever left out.
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
	Message  linkMessageBody  `json:"message,omitzero"`
	Callback linkCallbackBody `json:"callback,omitzero"`
}

type linkMessageBody struct {
	Prompt  string `json:"prompt,omitempty"`
	Success string `json:"success,omitempty"`
	Failed  string `json:"failed,omitempty"`
	Expired string `json:"expired,omitempty"`
}

type linkCallbackBody struct {
	Success string `json:"success,omitempty"`
	Failed  string `json:"failed,omitempty"`
}

func (r GenerateLinkRequest) body(appName string) generateLinkBody {
	return generateLinkBody{
		ChatID: r.ChatID, Expires: seconds(r.Expires), Name: cmp.Or(r.Name, appName),
		Message: linkMessageBody(r.Message), Callback: linkCallbackBody(r.Callback),
	}
}

func seconds(expires time.Duration) int { return int(cmp.Or(expires, defaultExpires) / time.Second) }

// succeeded returns the data of an answer that is a success of any of the operations: 2xx, and one object with success
// true that does not speak of errors, nor does its data. Data that is no object is no data: the code is on its way then,
// whatever else the answer holds. The vendor prints no status; its client's tests have 200.
func succeeded(a httpcall.Answer) (data httpcall.Object, ok bool) {
	body, err := a.Object()
	if err != nil || a.Status/100 != 2 || string(body.Get("success")) != "true" || body.HasErrors() {
		return httpcall.Object{}, false
	}
	data, err = body.Object("data")
	return data, !errors.Is(err, httpcall.ErrAmbiguous) && !data.HasErrors()
}

// readRequested takes what it can from a success, but not the code.
func readRequested(a httpcall.Answer, into *RequestCodeResponse) bool {
	data, ok := succeeded(a)
	if !ok {
		return false
	}
	*into = RequestCodeResponse{
		UUID: data.Text("uuid"), Status: data.Text("status"), OTPType: data.Text("otp_type"),
		ExpiresAt: date(data.Text("expires_at")), CreatedAt: date(data.Text("created_at")),
	}
	return true
}

// readLink wants a success with a link in it: there is nothing to deliver otherwise.
func readLink(a httpcall.Answer, into *GenerateLinkResponse) bool {
	data, ok := succeeded(a)
	link := data.Text("whatsapp_link")
	if !ok || !isHTTPS(link) {
		return false
	}
	*into = GenerateLinkResponse{
		UUID: data.Text("uuid"), WhatsAppLink: link, Status: data.Text("status"), OTPType: data.Text("otp_type"),
		ExpiresAt: date(data.Text("expires_at")), CreatedAt: date(data.Text("created_at")),
	}
	return true
}

// isHTTPS keeps a link that is a script out of the caller's page.
func isHTTPS(raw string) bool {
	u, err := url.Parse(raw)
	return err == nil && u.Scheme == "https" && u.Hostname() != ""
}

const statusValidated = "validated"

// readValidated reports whether a is the vendor's success of a validation: the page wants both success and the status
// ("validate-code"). This decides whether somebody is let in.
func readValidated(a httpcall.Answer, into *ValidateCodeResponse) bool {
	data, ok := succeeded(a)
	if !ok || data.Text("status") != statusValidated {
		return false
	}
	*into = ValidateCodeResponse{
		UUID: data.Text("uuid"), Status: statusValidated, ValidatedAt: date(data.Text("validated_at")),
	}
	return true
}

// date is zero for what is no RFC 3339 date.
func date(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return t
}
