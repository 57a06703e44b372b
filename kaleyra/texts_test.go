package kaleyra_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	c, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, SMSSender: "EXAMPL", SMSTemplateID: "1007", BaseURL: srv.URL},
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
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
	assert.Equal(t, "body=083917+is+your+code.&sender=EXAMPL&template_id=1007&to=%2B919900000001&type=OTP", form)

	none, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, BaseURL: srv.URL})
	require.NoError(t, err)
	assert.ErrorContains(t, none.SendText(t.Context(), text), "sender")
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
		"long":          {otp.Text{To: text.To, Body: strings.Repeat("x", 1001)}, otp.ErrInvalidRequest, "text"},
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
		"number":             {otpsim.Reply(400, `{"error":{"to":"+919900000001 is invalid"}}`), otp.ErrInvalidRecipient, otp.OutcomeNotSent},
		"sender":             {otpsim.Reply(400, `{"error":{"sender":"not approved"}}`), otp.ErrMisconfigured, otp.OutcomeNotSent},
		"balance":            {otpsim.Reply(400, `{"code":"E110","message":"no balance"}`), otp.ErrInsufficientFunds, otp.OutcomeNotSent},
		"an error beside":    {otpsim.Reply(202, `{"id":"x","error":{"to":"y"}}`), otp.ErrProtocol, otp.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			srv, c := texting(t)
			srv.Fail(test.fault.On("sms"))
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
