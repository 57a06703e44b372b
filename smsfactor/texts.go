package smsfactor

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"regexp"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.TextSender = (*Client)(nil)

// SMSResponse is the vendor's answer to SendSMS.
type SMSResponse struct {
	Ticket string // the vendor's reference, "sms_5fec000000001". Never empty
}

type smsBody struct {
	Recipients   [1]smsRecipient `json:"recipients"`
	Text         string          `json:"text"`
	Sender       string          `json:"sender,omitempty"`
	Type         string          `json:"type"`
	Purpose      string          `json:"purpose"`
	WithReplies  bool            `json:"with_replies"`
	OptimizeText bool            `json:"auto_optimize_text"` // the vendor's robot would rewrite the text
	RequestID    string          `json:"request_id"`
}

type smsRecipient struct {
	PhoneNumber string `json:"phone_number"`
}

var (
	unfitText  = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f]|\{(first_name|last_name|param[1-5])\}`)
	beyondGSM7 = regexp.MustCompile(`[^\x00-\x7f]`)
)

func checkSMS(t otp.Text) error {
	longest := 1224 // eight parts
	if beyondGSM7.MatchString(t.Body) {
		longest = 536
	}
	return vendorkit.First(
		vendorkit.Recipient(t, otp.SMS),
		vendorkit.Required("text", t.Body), vendorkit.Characters("text", t.Body, 1, longest), checkText(t.Body),
		vendorkit.When(unfitText.MatchString(t.Body), "text",
			"must have no control characters but line breaks, and none of the vendor's placeholders"),
	)
}

// SendSMS sends one text as it is, on the premium route, and not as advertisement ("Send SMS"). Its
// body has 1 to 1224 characters, 536 when not all are ASCII. Other channels are otp.ErrUnsupported.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) SendSMS(ctx context.Context, t otp.Text) (*SMSResponse, error) {
	resp, id := new(SMSResponse), make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return vendorkit.Answered(resp, c.Kit().Do(ctx, vendorkit.Call{
		Op: "send_sms", Class: vendorkit.Send, Path: "/sms-campaign/send", Invalid: checkSMS(t), Limiter: c.sendLimiter,
		Body: smsBody{
			Recipients: [1]smsRecipient{{t.To}}, Text: t.Body, Sender: c.sender, Type: "sms_premium", Purpose: "alert",
			RequestID: fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
		},
		Number: t.To, Code: t.Code, Secrets: []string{t.Body},
		Success: func(a vendorkit.Answer) bool { return readTicket(a, resp) },
		Sign:    func(o vendorkit.Object) bool { return o.Has("sms_ticket") },
		Failure: readSMSFailure,
	}))
}

// SendText is SendSMS, for package owncode.
func (c *Client) SendText(ctx context.Context, t otp.Text) error {
	_, err := c.SendSMS(ctx, t)
	return err
}

// readTicket reports whether an answer is a success for one recipient. The samples have no code.
func readTicket(a vendorkit.Answer, into *SMSResponse) bool {
	answer, err := a.Object()
	into.Ticket = answer.Text("sms_ticket")
	contacts := cmp.Or(string(answer.Get("number_of_contacts")), "1")
	noCode := !answer.Has("code") || isCodeZero(answer)
	return err == nil && into.Ticket != "" && contacts == "1" && noCode && !answer.HasErrors()
}

// readSMSFailure reads codes as for Generate, but for those with which a text may still go out:
// sent already (120, 133), or waiting (126, 127, 153).
func readSMSFailure(a vendorkit.Answer) vendorkit.Failure {
	failure := readFailure(a, vendorkit.Send)
	switch failure.Code {
	case "120", "133":
		failure.Kind, failure.Field, failure.Outcome = otp.ErrInvalidRequest, "request_id", vendorkit.Known(otp.OutcomeUnknown)
	case "126", "127", "153":
		failure.Kind, failure.Outcome = otp.ErrUnavailable, vendorkit.Known(otp.OutcomeUnknown)
	case "112", "208":
		failure.Kind, failure.Field = otp.ErrMisconfigured, "type"
	case "121", "122":
		failure.Kind, failure.Field = otp.ErrMisconfigured, "purpose"
	}
	return failure
}
