package camara_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/camara"
	"github.com/otp-sdk/otp-go/otp"
)

func TestRequests(t *testing.T) {
	o := answering("")
	cfg := config()
	cfg.Message = "Acme: {{code}}\n\n@acme.example #{{nothing}}"
	c := newClient(t, cfg, o)
	v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Locale: "tr"})
	require.NoError(t, err)
	assert.Equal(t, id, v.ID)
	assert.True(t, v.CanVerify())
	assert.True(t, v.ExpiresAt.IsZero(), "no lifetime is declared")
	require.NoError(t, c.Verify(t.Context(), v, " AJ y3 "))

	token, send, validate := o.of(tokenPath), o.of(sendPath), o.of(validatePath)
	require.Len(t, token, 1, "one token for both")
	require.Len(t, send, 1)
	require.Len(t, validate, 1)
	assert.Equal(t, "client_id=my-shop&client_secret="+secret+
		"&grant_type=client_credentials&scope=one-time-password-sms%3Asend-validate", token[0].body)
	assert.Empty(t, token[0].header.Get("Authorization"))
	assert.Equal(t, `{"message":"Acme: {{code}}\n\n@acme.example #{{nothing}}","phoneNumber":"+905321234567"}`, send[0].body)
	assert.Equal(t, `{"authenticationId":"`+id+`","code":"AJy3"}`, validate[0].body)
	for _, x := range append(send, validate...) {
		assert.Equal(t, "Bearer canary-token-1", x.header.Get("Authorization"))
		assert.Equal(t, "application/json", x.header.Get("Content-Type"))
		assert.Regexp(t, `^[A-Za-z0-9-]{20,55}$`, x.header.Get("X-Correlator"))
	}
	assert.NotEqual(t, send[0].header.Get("X-Correlator"), validate[0].header.Get("X-Correlator"))
}

func TestTheDefaultMessage(t *testing.T) {
	o := answering("")
	_, err := newClient(t, config(), o).Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, `{"message":"{{code}} is your verification code.","phoneNumber":"`+phone+`"}`, o.of(sendPath)[0].body)
}

func TestWhatTheServiceDeclares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config()
		cfg.Service = camara.Service{CodeLength: 4, TTL: 3 * time.Minute, MaxAttempts: 3, Alphanumeric: true}
		c := newClient(t, cfg, answering(""))
		v, err := c.Send(t.Context(), otp.SendRequest{To: phone, CodeLength: 4, TTL: 3 * time.Minute, MaxAttempts: 3})
		require.NoError(t, err)
		assert.Equal(t, time.Now().Add(3*time.Minute).UTC(), v.ExpiresAt)
		v, err = c.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		assert.Equal(t, time.Now().Add(3*time.Minute).UTC(), v.ExpiresAt)
		for field, req := range map[string]otp.SendRequest{
			"code_length":  {To: phone, CodeLength: 6},
			"ttl":          {To: phone, TTL: 5 * time.Minute},
			"max_attempts": {To: phone, MaxAttempts: 5},
			"channel":      {To: phone, Channel: otp.Voice},
			"code":         {To: phone, Code: "4711"},
		} {
			_, err = c.Send(t.Context(), req)
			failure := requireFailure(t, err)
			assert.Equal(t, otp.ErrUnsupported, failure.Kind, field)
			assert.Equal(t, field, failure.Field)
		}
		assert.True(t, c.Capabilities().Channels[otp.SMS].Alphanumeric)
	})
}

func TestSuccessOfASend(t *testing.T) {
	longest := strings.Repeat("x", 255)
	for name, body := range map[string]string{
		"an id":            `{"authenticationId":"` + id + `"}`,
		"the longest id":   `{"authenticationId":"` + longest + `"}`,
		"more beside it":   `{"authenticationId":"1","expiresIn":300}`,
		"no errors beside": `{"authenticationId":"1","errors":[]}`,
	} {
		v, err := newClient(t, config(), answering(sendPath, reply{status: 200, body: body})).Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err, name)
		assert.True(t, v.CanVerify(), name)
	}
	for name, r := range map[string]reply{
		"201":               {status: 201, body: `{"authenticationId":"1"}`},
		"202":               {status: 202, body: `{"authenticationId":"1"}`},
		"204":               {status: 204},
		"nothing":           {status: 200},
		"no object":         {status: 200, body: `["1"]`},
		"no id":             {status: 200, body: `{}`},
		"an empty id":       {status: 200, body: `{"authenticationId":""}`},
		"no text":           {status: 200, body: `{"authenticationId":1}`},
		"a long id":         {status: 200, body: `{"authenticationId":"` + longest + `x"}`},
		"an id with spaces": {status: 200, body: `{"authenticationId":"a b"}`},
		"two ids":           {status: 200, body: `{"authenticationId":"1","authenticationId":"2"}`},
		"in capitals":       {status: 200, body: `{"AUTHENTICATIONID":"1"}`},
		"a code beside it":  {status: 200, body: `{"authenticationId":"1","code":"X"}`},
		"a status beside":   {status: 200, body: `{"authenticationId":"1","status":500}`},
		"an error beside":   {status: 200, body: `{"authenticationId":"1","error":"no"}`},
	} {
		o := answering(sendPath, r)
		_, err := newClient(t, config(), o, otp.WithRetry(otp.RetryPolicy{MaxAttempts: 3, MinWait: 1, MaxWait: 1})).
			Send(t.Context(), otp.SendRequest{To: phone})
		failure := requireFailure(t, err)
		assert.Equal(t, otp.ErrProtocol, failure.Kind, name)
		assert.Equal(t, otp.OutcomeUnknown, failure.Outcome, name)
		assert.Equal(t, 1, o.count(sendPath), name)
	}
}

func TestIDOfAFailedSendIsKept(t *testing.T) {
	for name, r := range map[string]reply{
		"500": {status: 500, body: `{"status":500,"code":"INTERNAL","message":"","authenticationId":"` + id + `"}`},
		"403": {status: 403, body: `{"status":403,"code":"PERMISSION_DENIED","message":"","authenticationId":"` + id + `"}`},
	} {
		v, err := newClient(t, config(), answering(sendPath, r)).Send(t.Context(), otp.SendRequest{To: phone})
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
		assert.Equal(t, id, v.ID, name)
		assert.True(t, v.CanVerify(), name)
	}
	v, err := newClient(t, config(), answering(sendPath, reply{status: 500})).Send(t.Context(), otp.SendRequest{To: phone})
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.False(t, v.CanVerify())
}

func TestOnlyAnEmpty204Verifies(t *testing.T) {
	for status := 200; status < 600; status++ {
		for _, body := range []string{"", "{}", "true", `{"verified":true}`} {
			o := answering(validatePath, reply{status: status, body: body})
			err := newClient(t, config(), o).Verify(t.Context(), verification(), "123456")
			if status == http.StatusNoContent && body == "" {
				require.NoError(t, err)
				continue
			}
			require.Error(t, err, "%d %s", status, body)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, "%d %s", status, body)
		}
	}
}

func TestAnswerToAnotherRequestIsNotBelieved(t *testing.T) {
	const wrong = `{"status":400,"code":"ONE_TIME_PASSWORD_SMS.INVALID_OTP","message":""}`
	for name, header := range map[string]http.Header{
		"another": {"X-Correlator": {"another"}},
		"empty":   {"X-Correlator": {""}},
	} {
		for _, r := range []reply{{status: 204, header: header}, {status: 400, body: wrong, header: header}} {
			err := newClient(t, config(), answering(validatePath, r)).Verify(t.Context(), verification(), "123456")
			require.Error(t, err, name)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, name)
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), name)
		}
	}
	dropped := reply{status: 204, header: http.Header{"X-Correlator": nil}}
	assert.NoError(t, newClient(t, config(), answering(validatePath, dropped)).Verify(t.Context(), verification(), "123456"))
}

func TestCodeThatCannotBeOneIsNotAsked(t *testing.T) {
	o := answering("")
	c := newClient(t, config(), o)
	err := c.Verify(t.Context(), verification(), "12345678901")
	require.ErrorIs(t, err, otp.ErrWrongCode)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	v := verification()
	v.ID = otp.RandomID(false)
	require.ErrorIs(t, c.Verify(t.Context(), v, "123456"), otp.ErrUnavailable)
	assert.Empty(t, o.requests)
}

func TestLimitsOfTheCaller(t *testing.T) {
	refuses := otp.Rate{Events: 1, Per: time.Hour}
	c := newClient(t, config(), answering(""), otp.WithSendRate(refuses), otp.WithVerifyRate(refuses))
	for _, want := range []error{nil, otp.ErrRateLimited} {
		_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, c.Verify(t.Context(), verification(), "123456"), want)
	}
}
