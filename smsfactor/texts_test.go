package smsfactor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
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

func texts() simtest.Texts {
	return simtest.Texts{Op: "sms", Good: text, New: func(t *testing.T) (*otpsim.Server, otp.TextSender) {
		t.Helper()
		srv, c, _ := texting(t)
		return srv.Server, c
	}}
}

func TestTextThatIsRefusedBeforeTheNetwork(t *testing.T) {
	texts().TestRefusals(t, map[string]simtest.TextRefusal{
		"WhatsApp":   {Text: otp.Text{To: text.To, Channel: otp.WhatsApp, Body: "1234"}, Kind: otp.ErrUnsupported, Field: "channel"},
		"long":       {Text: otp.Text{To: text.To, Body: strings.Repeat("x", 1225)}, Kind: otp.ErrInvalidRequest, Field: "text"},
		"long UCS-2": {Text: otp.Text{To: text.To, Body: strings.Repeat("я", 537)}, Kind: otp.ErrInvalidRequest, Field: "text"},
		"merged":     {Text: otp.Text{To: text.To, Body: "{param5} 1234"}, Kind: otp.ErrInvalidRequest, Field: "text"},
	})
}

func TestTextThatTheVendorRefuses(t *testing.T) {
	texts().TestFaults(t, map[string]simtest.TextFault{
		"credit":             {Fault: smsfactortest.Error(400, 104), Kind: otp.ErrInsufficientFunds, Outcome: otp.OutcomeNotSent},
		"number":             {Fault: smsfactortest.Error(400, 103), Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent},
		"sender":             {Fault: smsfactortest.Error(400, 106), Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent},
		"route":              {Fault: smsfactortest.Error(400, 112), Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent},
		"STOP":               {Fault: smsfactortest.Error(400, 121), Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent},
		"sent before":        {Fault: smsfactortest.Error(400, 120), Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeUnknown},
		"waits":              {Fault: smsfactortest.Error(400, 126), Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown},
		"nobody":             {Fault: otpsim.Reply(200, `{"sms_ticket":"sms_1","number_of_contacts":0}`), Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown},
		"two":                {Fault: otpsim.Reply(200, `{"sms_ticket":"sms_1","number_of_contacts":2}`), Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown},
		"a code and success": {Fault: otpsim.Reply(200, `{"sms_ticket":"sms_1","code":104}`), Kind: otp.ErrInsufficientFunds, Outcome: otp.OutcomeUnknown},
	})
}
