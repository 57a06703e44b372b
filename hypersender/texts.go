package hypersender

import (
	"context"
	"encoding/json"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.TextSender = (*Client)(nil)

// WhatsAppBaseURL is the Config.BaseURL of clients that send texts: another product, with an
// instance and a token of its own ("send-text"). Such a client cannot send or check the vendor's
// codes.
const WhatsAppBaseURL = "https://app.hypersender.com/api/whatsapp/v2"

const pathSendText = "/{instance}/send-text"

// SendTextResponse is the vendor's answer to SendWhatsApp.
type SendTextResponse struct {
	UUID string // that of the queued request, or the id of a message that was sent at once. Never empty
}

type textBody struct {
	ChatID      string `json:"chatId"`
	Text        string `json:"text"`
	LinkPreview bool   `json:"link_preview"`
}

func checkWhatsApp(t otp.Text) error {
	return vendorkit.First(vendorkit.Recipient(t, otp.WhatsApp), vendorkit.PlainText("text", t.Body, 4096))
}

// SendWhatsApp sends one text as it is ("send-text"), through a client with [WhatsAppBaseURL]. Its
// body has 1 to 4096 characters. Other channels are otp.ErrUnsupported.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) SendWhatsApp(ctx context.Context, t otp.Text) (*SendTextResponse, error) {
	resp, invalid, body := new(SendTextResponse), checkWhatsApp(t), textBody{Text: t.Body}
	if invalid == nil {
		body.ChatID = chatID(t.To)
	}
	return vendorkit.Answered(resp, c.Kit().Do(ctx, vendorkit.Call{
		Op: "send_text", Class: vendorkit.Send, Path: pathSendText, Segments: c.segments,
		Body: body, Invalid: invalid, Limiter: c.sendLimiter,
		Number: t.To, Code: t.Code, Secrets: []string{t.Body},
		Success: func(a vendorkit.Answer) bool { return readQueued(a, resp) },
		Sign:    func(o vendorkit.Object) bool { return textID(o) != "" },
		Failure: readSendFailure,
	}))
}

// SendText is SendWhatsApp, for package owncode.
func (c *Client) SendText(ctx context.Context, t otp.Text) error {
	_, err := c.SendWhatsApp(ctx, t)
	return err
}

// readQueued reports whether a text was queued, or sent at once: the page shows both answers.
func readQueued(a vendorkit.Answer, into *SendTextResponse) bool {
	answer, err := a.Object()
	into.UUID = textID(answer)
	queued := answer.Text("queued_request_uuid") == "" || string(answer.Get("queued")) == "true"
	return err == nil && into.UUID != "" && queued && !answer.HasErrors() && string(answer.Like("success")) != "false"
}

func textID(answer vendorkit.Object) string {
	var uuid string
	var key struct{ ID string }
	_ = json.Unmarshal(answer.Like("queued_request_uuid"), &uuid) // what is of another type leaves it empty
	_ = json.Unmarshal(answer.Like("key"), &key)
	if uuid != "" {
		return uuid
	}
	return key.ID
}
