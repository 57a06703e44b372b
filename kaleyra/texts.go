package kaleyra

import (
	"context"
	"net/url"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.TextSender = (*Client)(nil)

// SMSResponse is the vendor's answer to SendSMS.
type SMSResponse struct {
	// ID is the vendor's reference. Never empty. Whether the text leaves is known later: no credit, a
	// country that is not served or a template that does not fit are not errors of the call.
	ID string
}

func checkSMS(t otp.Text, sender string) error {
	return vendorkit.First(
		vendorkit.Recipient(t, otp.SMS), vendorkit.Required("sender", sender), vendorkit.PlainText("text", t.Body, 1000),
	)
}

// SendSMS sends one text as it is, from [Config.SMSSender] ("Send OTP SMS"). Its body has 1 to 1000
// characters; in India it has to fit [Config.SMSTemplateID]. Other channels are otp.ErrUnsupported.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) SendSMS(ctx context.Context, t otp.Text) (*SMSResponse, error) {
	resp := new(SMSResponse)
	form := url.Values{"to": {t.To}, "type": {"OTP"}, "sender": {c.smsSender}, "body": {t.Body}}
	if c.smsTemplateID != "" {
		form.Set("template_id", c.smsTemplateID)
	}
	if c.smsCallbackProfileID != "" {
		form.Set("callback_profile_id", c.smsCallbackProfileID)
	}
	return vendorkit.Answered(resp, c.Kit().Do(ctx, vendorkit.Call{
		Op: "send_sms", Class: vendorkit.Send, Path: "/v1/{sid}/sms", Segments: c.segments,
		Form: form, Invalid: checkSMS(t, c.smsSender), Limiter: c.sendLimiter,
		Number: t.To, Code: t.Code, Secrets: []string{t.Body},
		Success: func(a vendorkit.Answer) bool { return readSMS(a, resp) },
		Sign:    func(o vendorkit.Object) bool { return o.Has("id") },
		Failure: readSMSFailure,
	}))
}

// SendText is SendSMS, for package owncode.
func (c *Client) SendText(ctx context.Context, t otp.Text) error {
	_, err := c.SendSMS(ctx, t)
	return err
}

func readSMS(a vendorkit.Answer, into *SMSResponse) bool {
	answer, err := a.Object()
	into.ID = answer.Text("id")
	return err == nil && isID(into.ID) && !answer.HasErrors() && !answer.Has("code")
}

// readSMSFailure reads errors as those of Generate, and one with a member for the field at fault.
func readSMSFailure(a vendorkit.Answer) vendorkit.Failure {
	failure := readGenerateFailure(a)
	body, _ := a.Object()
	fields, _ := body.Object("error")
	for _, name := range []string{"to", "sender", "template_id", "body"} {
		text := fields.Text(name)
		if text == "" || a.Status/100 != 4 || a.Status == 429 {
			continue
		}
		failure.Kind, failure.Field, failure.Message = otp.ErrMisconfigured, name, text
		switch name {
		case "to":
			failure.Kind, failure.OneRecipient = otp.ErrInvalidRecipient, true
		case "body":
			failure.Kind = otp.ErrInvalidRequest
		}
		break
	}
	return failure
}
