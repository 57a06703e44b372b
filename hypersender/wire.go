package hypersender

import (
	"cmp"
	"encoding/json"
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
// true that does not speak of errors. The vendor prints no status; its client's tests have 200.
func succeeded(a httpcall.Answer) (data json.RawMessage, ok bool) {
	members, err := a.Object()
	ok = err == nil && a.Status/100 == 2 && string(members["success"]) == "true" && members["errors"] == nil
	return members["data"], ok
}

// requested is the data of the answers to RequestCode and GenerateLink, without the code. Any of it may be missing.
type requested struct {
	UUID         string `json:"uuid"`
	Status       string `json:"status"`
	OTPType      string `json:"otp_type"`
	ExpiresAt    string `json:"expires_at"`
	CreatedAt    string `json:"created_at"`
	WhatsAppLink string `json:"whatsapp_link"`
}

func readData(data json.RawMessage) (r requested) {
	_ = json.Unmarshal(data, &r) // what cannot be read is left zero
	return r
}

// readRequested takes what it can from a success. The code is on its way then, whatever else the data holds.
func readRequested(a httpcall.Answer, into *RequestCodeResponse) bool {
	data, ok := succeeded(a)
	if !ok {
		return false
	}
	r := readData(data)
	*into = RequestCodeResponse{
		UUID: r.UUID, Status: r.Status, OTPType: r.OTPType, ExpiresAt: date(r.ExpiresAt), CreatedAt: date(r.CreatedAt),
	}
	return true
}

// readLink wants a success with a link in it: there is nothing to deliver otherwise.
func readLink(a httpcall.Answer, into *GenerateLinkResponse) bool {
	data, ok := succeeded(a)
	r := readData(data)
	if !ok || !isHTTPS(r.WhatsAppLink) {
		return false
	}
	*into = GenerateLinkResponse{
		UUID: r.UUID, WhatsAppLink: r.WhatsAppLink, Status: r.Status, OTPType: r.OTPType,
		ExpiresAt: date(r.ExpiresAt), CreatedAt: date(r.CreatedAt),
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
// ("validate-code"). This decides whether somebody is let in, so names count to the letter, and an object that has one
// twice is no success.
func readValidated(a httpcall.Answer, into *ValidateCodeResponse) bool {
	data, ok := succeeded(a)
	if !ok {
		return false
	}
	members, err := httpcall.Object(data)
	if err != nil || httpcall.String(members["status"]) != statusValidated {
		return false
	}
	*into = ValidateCodeResponse{
		UUID: httpcall.String(members["uuid"]), Status: statusValidated, ValidatedAt: date(httpcall.String(members["validated_at"])),
	}
	return true
}

// date is zero for what is no RFC 3339 date.
func date(s string) time.Time {
	t, _ := time.Parse(time.RFC3339, s)
	return t
}
