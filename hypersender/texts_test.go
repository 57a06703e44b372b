package hypersender_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var text = otp.Text{To: "+919900000001", Channel: otp.WhatsApp, Code: "083917", Body: "083917 is your code."}

func texting(t *testing.T, opts ...hypersendertest.Option) (*hypersendertest.Server, *hypersender.Client) {
	t.Helper()
	srv := hypersendertest.NewServer(opts...)
	t.Cleanup(srv.Close)
	c, err := hypersender.New(hypersender.Config{Instance: srv.Instance, Token: srv.Token, AppName: "Example", BaseURL: srv.URL},
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return srv, c
}

func TestTextOfTheCallersOwn(t *testing.T) {
	for _, quirks := range []hypersendertest.Quirks{{}, {DirectTexts: true}} {
		srv, c := texting(t, hypersendertest.WithQuirks(quirks))
		var body string
		srv.Watch(func(e otpsim.Exchange) { body = string(e.Body) })
		resp, err := c.SendWhatsApp(t.Context(), text)
		require.NoError(t, err)
		assert.NotEmpty(t, resp.UUID)
		message, _ := srv.Inbox.Last(text.To)
		assert.Equal(t, text.Body, message.Text)
		assert.Equal(t, text.Code, message.Code)
		assert.JSONEq(t, `{"chatId":"919900000001@c.us","text":"083917 is your code.","link_preview":false}`, body)
	}
	assert.Contains(t, hypersender.WhatsAppBaseURL, "/api/whatsapp/v2")
}

func texts() simtest.Texts {
	return simtest.Texts{Op: "send-text", Good: text, New: func(t *testing.T) (*otpsim.Server, otp.TextSender) {
		t.Helper()
		srv, c := texting(t)
		return srv.Server, c
	}}
}

func TestTextThatIsRefusedBeforeTheNetwork(t *testing.T) {
	texts().TestRefusals(t, map[string]simtest.TextRefusal{
		"other channel": {Text: otp.Text{To: text.To, Channel: otp.Voice, Body: "1234"}, Kind: otp.ErrUnsupported, Field: "channel"},
		"long":          {Text: otp.Text{To: text.To, Body: strings.Repeat("x", 4097)}, Kind: otp.ErrInvalidRequest, Field: "text"},
	})
}

func TestTextThatTheVendorRefuses(t *testing.T) {
	texts().TestFaults(t, map[string]simtest.TextFault{
		"path":       {Fault: otpsim.Status(404), Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent},
		"number":     {Fault: otpsim.Reply(422, `{"message":"invalid","errors":{"chatId":["The chatId 919900000001@c.us is invalid."]}}`), Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent},
		"not queued": {Fault: otpsim.Reply(200, `{"queued":false,"queued_request_uuid":"x"}`), Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown},
		"no id":      {Fault: otpsim.Reply(200, `{"queued":true}`), Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown},
	})
}
