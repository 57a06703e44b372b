package kaleyra_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var text = otp.Text{To: "+919900000001", Channel: otp.SMS, Code: "083917", Body: "083917 is your code."}

func texting(t *testing.T, opts ...kaleyratest.Option) (*kaleyratest.Server, *kaleyra.Client) {
	t.Helper()
	srv := kaleyratest.NewServer(opts...)
	t.Cleanup(srv.Close)
	c, err := kaleyra.New(kaleyra.Config{
		SID: srv.SID, APIKey: srv.APIKey, SMSSender: "EXAMPL", SMSTemplateID: "1007", SMSCallbackProfileID: "IN_0002", BaseURL: srv.URL,
	}, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	return srv, c
}

func TestTextOfTheCallersOwn(t *testing.T) {
	srv, c := texting(t)
	var form string
	srv.Watch(func(e otpsim.Exchange) { form = string(e.Body) })
	resp, err := c.SendSMS(t.Context(), text)
	require.NoError(t, err)
	assert.NotEmpty(t, resp.ID)
	message, _ := srv.Inbox.Last(text.To)
	assert.Equal(t, text.Body, message.Text)
	assert.Equal(t, text.Code, message.Code)
	assert.Equal(t, "body=083917+is+your+code.&callback_profile_id=IN_0002&sender=EXAMPL&template_id=1007&to=%2B919900000001&type=OTP", form)

	none, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, BaseURL: srv.URL})
	require.NoError(t, err)
	assert.ErrorContains(t, none.SendText(t.Context(), text), "sender")
}

func texts() simtest.Texts {
	return simtest.Texts{Op: "sms", Good: text, New: func(t *testing.T) (*otpsim.Server, otp.TextSender) {
		t.Helper()
		srv, c := texting(t)
		return srv.Server, c
	}}
}

func TestTextThatIsRefusedBeforeTheNetwork(t *testing.T) {
	texts().TestRefusals(t, map[string]simtest.TextRefusal{
		"other channel": {Text: otp.Text{To: text.To, Channel: otp.Voice, Body: "1234"}, Kind: otp.ErrUnsupported, Field: "channel"},
		"long":          {Text: otp.Text{To: text.To, Body: strings.Repeat("x", 1001)}, Kind: otp.ErrInvalidRequest, Field: "text"},
	})
}

func TestTextThatTheVendorRefuses(t *testing.T) {
	texts().TestFaults(t, map[string]simtest.TextFault{
		"path":            {Fault: otpsim.Status(404), Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent},
		"number":          {Fault: otpsim.Reply(400, `{"error":{"to":"+919900000001 is invalid"}}`), Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent},
		"sender":          {Fault: otpsim.Reply(400, `{"error":{"sender":"not approved"}}`), Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent},
		"balance":         {Fault: otpsim.Reply(400, `{"code":"E110","message":"no balance"}`), Kind: otp.ErrInsufficientFunds, Outcome: otp.OutcomeNotSent},
		"an error beside": {Fault: otpsim.Reply(202, `{"id":"x","error":{"to":"y"}}`), Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown},
	})
}
