package smsfactor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func texting(t *testing.T) (*smsfactortest.Server, *smsfactor.Client, func() map[string]any) {
	t.Helper()
	srv := smsfactortest.NewServer()
	t.Cleanup(srv.Close)
	c, err := smsfactor.New(smsfactor.Config{
		APILogin: srv.APILogin, APIKey: srv.APIKey, BaseURL: srv.URL, Sender: "Example",
	}, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	var sent map[string]any
	srv.Watch(func(e otpsim.Exchange) { _ = json.Unmarshal(e.Body, &sent) })
	return srv, c, func() map[string]any { return sent }
}

var text = otp.Text{To: "+33639980001", Channel: otp.SMS, Code: "083917", Body: "083917 is your code.\n\n@example.com #083917"}

func TestTextOfTheCallersOwn(t *testing.T) {
	srv, c, sent := texting(t)
	resp, err := c.SendSMS(t.Context(), text)
	require.NoError(t, err)
	assert.Regexp(t, `\Asms_[0-9a-f]{13}\z`, resp.Ticket)
	message, _ := srv.Inbox.Last(text.To)
	assert.Equal(t, text.Body, message.Text)
	assert.Equal(t, text.Code, message.Code)
	body := sent()
	assert.Regexp(t, `\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\z`, body["request_id"])
	delete(body, "request_id")
	assert.Equal(t, map[string]any{
		"text": text.Body, "recipients": []any{map[string]any{"phone_number": text.To}}, "type": "sms_premium",
		"purpose": "alert", "sender": "Example", "with_replies": false, "auto_optimize_text": false,
	}, body)
	require.NoError(t, c.SendText(t.Context(), otp.Text{To: text.To, Body: "4711"}))
}

func TestTextThatIsRefusedBeforeTheNetwork(t *testing.T) {
	srv, c, _ := texting(t)
	for name, test := range map[string]struct {
		text  otp.Text
		kind  otp.Kind
		field string
	}{
		"no number":   {otp.Text{To: "x", Body: "1234"}, otp.ErrInvalidRecipient, "to"},
		"two numbers": {otp.Text{To: "+33639980001,+33639980002", Body: "1234"}, otp.ErrInvalidRecipient, "to"},
		"WhatsApp":    {otp.Text{To: text.To, Channel: otp.WhatsApp, Body: "1234"}, otp.ErrUnsupported, "channel"},
		"no text":     {otp.Text{To: text.To}, otp.ErrInvalidRequest, "text"},
		"long":        {otp.Text{To: text.To, Body: strings.Repeat("x", 1225)}, otp.ErrInvalidRequest, "text"},
		"long UCS-2":  {otp.Text{To: text.To, Body: strings.Repeat("я", 537)}, otp.ErrInvalidRequest, "text"},
		"a control":   {otp.Text{To: text.To, Body: "1234\x1b"}, otp.ErrInvalidRequest, "text"},
		"not UTF-8":   {otp.Text{To: text.To, Body: "1234\xff"}, otp.ErrInvalidRequest, "text"},
		"merged":      {otp.Text{To: text.To, Body: "{param5} 1234"}, otp.ErrInvalidRequest, "text"},
	} {
		err := c.SendText(t.Context(), test.text)
		failure := new(otp.Error)
		require.ErrorAs(t, err, &failure, name)
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
		"login":              {otpsim.Status(401), otp.ErrUnauthorized, otp.OutcomeNotSent},
		"credit":             {smsfactortest.Error(400, 104), otp.ErrInsufficientFunds, otp.OutcomeNotSent},
		"number":             {smsfactortest.Error(400, 103), otp.ErrInvalidRecipient, otp.OutcomeNotSent},
		"sender":             {smsfactortest.Error(400, 106), otp.ErrInvalidRequest, otp.OutcomeNotSent},
		"route":              {smsfactortest.Error(400, 112), otp.ErrMisconfigured, otp.OutcomeNotSent},
		"STOP":               {smsfactortest.Error(400, 121), otp.ErrMisconfigured, otp.OutcomeNotSent},
		"sent before":        {smsfactortest.Error(400, 120), otp.ErrInvalidRequest, otp.OutcomeUnknown},
		"waits":              {smsfactortest.Error(400, 126), otp.ErrUnavailable, otp.OutcomeUnknown},
		"limit":              {otpsim.TooMany(0), otp.ErrRateLimited, otp.OutcomeNotSent},
		"down":               {otpsim.AfterAccepting(503), otp.ErrUnavailable, otp.OutcomeUnknown},
		"cut":                {otpsim.Cut().Accepted(), otp.ErrUnavailable, otp.OutcomeUnknown},
		"empty":              {otpsim.Empty(), otp.ErrProtocol, otp.OutcomeUnknown},
		"half":               {otpsim.Truncated(), otp.ErrProtocol, otp.OutcomeUnknown},
		"a page":             {otpsim.HTML(200), otp.ErrProtocol, otp.OutcomeUnknown},
		"nobody":             {otpsim.Reply(200, `{"sms_ticket":"sms_1","number_of_contacts":0}`), otp.ErrProtocol, otp.OutcomeUnknown},
		"two":                {otpsim.Reply(200, `{"sms_ticket":"sms_1","number_of_contacts":2}`), otp.ErrProtocol, otp.OutcomeUnknown},
		"a code and success": {otpsim.Reply(200, `{"sms_ticket":"sms_1","code":104}`), otp.ErrInsufficientFunds, otp.OutcomeUnknown},
		"a 400 with success": {otpsim.SuccessAs(400), otp.ErrInvalidRequest, otp.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			srv, c, _ := texting(t)
			srv.Fail(test.fault.On("sms"))
			err := c.SendText(t.Context(), text)
			failure := new(otp.Error)
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.kind, failure.Kind, err)
			assert.Equal(t, test.outcome, failure.Outcome, err)
			assert.NotContains(t, err.Error(), text.Code)
			assert.NotContains(t, err.Error(), "639980001")
			assert.Empty(t, srv.Faults())
		})
	}
}
