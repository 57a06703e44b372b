package hypersender_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
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

func TestTextThatIsRefusedBeforeTheNetwork(t *testing.T) {
	srv, c := texting(t)
	for name, test := range map[string]struct {
		text  otp.Text
		kind  otp.Kind
		field string
	}{
		"no number":     {otp.Text{To: "x", Body: "1234"}, otp.ErrInvalidRecipient, "to"},
		"two numbers":   {otp.Text{To: text.To + "," + text.To, Body: "1234"}, otp.ErrInvalidRecipient, "to"},
		"other channel": {otp.Text{To: text.To, Channel: otp.Voice, Body: "1234"}, otp.ErrUnsupported, "channel"},
		"no text":       {otp.Text{To: text.To}, otp.ErrInvalidRequest, "text"},
		"long":          {otp.Text{To: text.To, Body: strings.Repeat("x", 4097)}, otp.ErrInvalidRequest, "text"},
		"a control":     {otp.Text{To: text.To, Body: "1234\x1b"}, otp.ErrInvalidRequest, "text"},
		"not UTF-8":     {otp.Text{To: text.To, Body: "1234\xff"}, otp.ErrInvalidRequest, "text"},
	} {
		failure := new(otp.Error)
		require.ErrorAs(t, c.SendText(t.Context(), test.text), &failure, name)
		assert.Equal(t, test.kind, failure.Kind, name)
		assert.Equal(t, test.field, failure.Field, name)
		assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, name)
	}
	assert.Empty(t, srv.Requests())
}

func TestTextThatTheVendorRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		fault   otpsim.Fault
		kind    otp.Kind
		outcome otp.Outcome
	}{
		"key":                {otpsim.Status(401), otp.ErrUnauthorized, otp.OutcomeNotSent},
		"path":               {otpsim.Status(404), otp.ErrMisconfigured, otp.OutcomeNotSent},
		"limit":              {otpsim.TooMany(0), otp.ErrRateLimited, otp.OutcomeNotSent},
		"down":               {otpsim.AfterAccepting(503), otp.ErrUnavailable, otp.OutcomeUnknown},
		"cut":                {otpsim.Cut().Accepted(), otp.ErrUnavailable, otp.OutcomeUnknown},
		"empty":              {otpsim.Empty(), otp.ErrProtocol, otp.OutcomeUnknown},
		"half":               {otpsim.Truncated(), otp.ErrProtocol, otp.OutcomeUnknown},
		"a page":             {otpsim.HTML(200), otp.ErrProtocol, otp.OutcomeUnknown},
		"a 400 with success": {otpsim.SuccessAs(400), otp.ErrInvalidRequest, otp.OutcomeUnknown},
		"number":             {otpsim.Reply(422, `{"message":"invalid","errors":{"chatId":["The chatId 919900000001@c.us is invalid."]}}`), otp.ErrInvalidRecipient, otp.OutcomeNotSent},
		"not queued":         {otpsim.Reply(200, `{"queued":false,"queued_request_uuid":"x"}`), otp.ErrProtocol, otp.OutcomeUnknown},
		"no id":              {otpsim.Reply(200, `{"queued":true}`), otp.ErrProtocol, otp.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			srv, c := texting(t)
			srv.Fail(test.fault.On("send-text"))
			err := c.SendText(t.Context(), text)
			failure := new(otp.Error)
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.kind, failure.Kind, err)
			assert.Equal(t, test.outcome, failure.Outcome, err)
			assert.NotContains(t, err.Error(), text.Code)
			assert.NotContains(t, err.Error(), text.To[3:])
			assert.Empty(t, srv.Faults())
		})
	}
}
