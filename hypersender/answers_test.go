package hypersender_test

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/otp"
)

// operations has one valid call of every operation, and what its success looks like.
var operations = map[string]struct {
	answer string
	call   func(context.Context, *hypersender.Client) error
}{
	"request_code":  {requested, requestCode(hypersender.RequestCodeRequest{ChatID: chat})},
	"validate_code": {validated, validateCode(hypersender.ValidateCodeRequest{ChatID: chat, Code: "123456"})},
	"generate_link": {linked, generateLink(hypersender.GenerateLinkRequest{})},
}

func TestEveryKnownErrorHasItsKindAndOutcome(t *testing.T) {
	file, err := os.ReadFile("testdata/errors.json")
	require.NoError(t, err)
	var samples []struct {
		Op, Kind, Outcome, Field string
		Status                   int
		Body                     json.RawMessage
		Message                  string // "" = that of the body
		Errors                   []hypersender.ErrorItem
	}
	require.NoError(t, json.Unmarshal(file, &samples))
	for _, sample := range samples {
		t.Run(sample.Op+" "+strconv.Itoa(sample.Status)+" "+sample.Kind, func(t *testing.T) {
			err := operations[sample.Op].call(t.Context(), client(t, answering(sample.Status, string(sample.Body))))

			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, otp.Kind(sample.Kind), failure.Kind)
			assert.Equal(t, sample.Outcome, failure.Outcome.String())
			assert.Equal(t, sample.Field, failure.Field)
			assert.Equal(t, sample.Status, failure.HTTPStatus)
			assert.Equal(t, "hypersender", failure.Provider)
			assert.Equal(t, sample.Op, failure.Op)

			var apiError *hypersender.APIError
			var body struct{ Message string }
			require.NoError(t, json.Unmarshal(sample.Body, &body))
			assert.Equal(t, cmp.Or(sample.Message, body.Message), failure.Message)
			if failure.Message == "" { // the vendor said nothing
				require.NotErrorAs(t, err, &apiError)
				return
			}
			require.ErrorAs(t, err, &apiError)
			assert.Equal(t, sample.Status, apiError.HTTPStatus)
			assert.Equal(t, sample.Errors, apiError.Errors)
		})
	}
}

func TestErrorsReadLikeSentences(t *testing.T) {
	for _, test := range []struct {
		status             int
		body, verify, send string
	}{
		{
			200, `{"success":false,"message":"Invalid OTP code"}`,
			"hypersender: verify: code rejected (200)",
			`hypersender: send: protocol error (200): "[withheld: it may hold the code]", outcome unknown`,
		},
		{
			422, `{"message":"Invalid","errors":{"chatId":["No such chat"]}}`,
			`hypersender: verify: invalid request (422): chatId: "No such chat"`,
			`hypersender: send: invalid recipient (422): chatId: "No such chat"`,
		},
		{
			401, `{"message":"Unauthenticated."}`,
			`hypersender: verify: unauthorized (401): "Unauthenticated."`,
			`hypersender: send: unauthorized (401): "Unauthenticated."`,
		},
		{
			502, `<html>`,
			"hypersender: verify: unavailable (502), outcome unknown",
			"hypersender: send: unavailable (502), outcome unknown",
		},
	} {
		c := client(t, answering(test.status, test.body))
		require.EqualError(t, c.Verify(t.Context(), verification(), "123456"), test.verify)
		_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		require.EqualError(t, err, test.send)
	}
	failure := &hypersender.APIError{HTTPStatus: 422, Message: "a", Errors: []hypersender.ErrorItem{{"b", "name"}, {"c", ""}}}
	assert.EqualError(t, failure, `HTTP 422: "a": "b" (name): "c"`)
	assert.EqualError(t, &hypersender.APIError{HTTPStatus: 400}, "HTTP 400")
}

func TestVerifyIsNilForTheSuccessAlone(t *testing.T) {
	bodies := []string{
		"", "{}", "null", "true", `"validated"`, "[]", "<html><body>validated</body></html>", validated[:len(validated)-1],
		validated + validated, validated + "x", "[" + validated + "]", requested, linked,
		`{"success":true}`, `{"success":true,"data":null}`, `{"success":true,"data":{}}`, `{"success":true,"data":[]}`,
		`{"success":true,"data":"validated"}`, `{"success":true,"status":"validated"}`, `{"status":"validated"}`,
		`{"status":"success"}`, `{"success":true,"data":[{"status":"validated"}]}`, `{"data":{"status":"validated"}}`,
		`{"data":{"success":true,"status":"validated"}}`,
		`{"success":false,"data":{"status":"validated"}}`, `{"success":"true","data":{"status":"validated"}}`,
		`{"success":1,"data":{"status":"validated"}}`, `{"success":null,"data":{"status":"validated"}}`,
		`{"success":[true],"data":{"status":"validated"}}`, `{"Success":true,"data":{"status":"validated"}}`,
		`{"success":true,"Data":{"status":"validated"}}`, `{"success":true,"data":{"Status":"validated"}}`,
		`{"success":true,"data":{"status":"Validated"}}`, `{"success":true,"data":{"status":"validated "}}`,
		`{"success":true,"data":{"status":"verified"}}`, `{"success":true,"data":{"status":"pending"}}`,
		`{"success":true,"data":{"status":"sent"}}`, `{"success":true,"data":{"status":"expired"}}`,
		`{"success":true,"data":{"status":["validated"]}}`, `{"success":true,"data":{"status":{"validated":true}}}`,
		`{"success":true,"data":{"status":true}}`, `{"success":true,"data":{"status":null}}`,
		`{"success":false,"success":true,"data":{"status":"validated"}}`,
		`{"success":true,"success":true,"data":{"status":"validated"}}`,
		`{"success":true,"data":{"status":"pending"},"data":{"status":"validated"}}`,
		`{"success":true,"data":{"status":"pending","status":"validated"}}`,
		`{"success":true,"data":{"status":"validated","status":"validated"}}`,
		`{"success":true,"data":{"status":"validated"},"errors":{"code":["Invalid"]}}`,
		`{"success":false,"message":"Invalid OTP code"}`, `{"message":"Unauthenticated."}`,
	}
	contradictions := []string{
		`{"success":true,"data":{"status":"validated"},"Errors":{"code":["Invalid"]}}`, `{"success":true,"data":{"status":"validated"},"ERRORS":["Invalid"]}`,
		`{"success":true,"data":{"status":"validated"},"error":"Invalid"}`, `{"success":true,"data":{"status":"validated"},"Error":{"a":1}}`,
		`{"success":true,"data":{"status":"validated","errors":["Invalid"]}}`, `{"success":true,"data":{"status":"validated","Error":"Invalid"}}`,
		`{"success":true,"data":{"status":"validated"},"\u0045rrors":["Invalid"]}`,
		`{"success":true,"Success":false,"data":{"status":"validated"}}`, `{"SUCCESS":false,"success":true,"data":{"status":"validated"}}`,
		`{"success":true,"data":{"status":"validated"},"Data":{"status":"pending"}}`, `{"success":true,"data":{"status":"validated","Status":"pending"}}`,
	}
	for _, status := range []int{200, 201, 204, 299, 300, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503, 599} {
		for _, body := range append(bodies, contradictions...) {
			requireNotVerified(t, status, body)
		}
	}
	for status := 300; status < 600; status++ {
		requireNotVerified(t, status, validated)
	}
	for _, status := range []int{200, 201, 202, 299} {
		for _, body := range []string{
			validated, ` { "success" : true , "data" : { "status" : "validated" , "more" : 1 } , "more" : [] } `,
			"\ufeff" + validated, `{"success":true,"errors":[],"error":null,"data":{"status":"validated","errors":{}}}`,
		} {
			require.NoError(t, client(t, answering(status, body)).Verify(t.Context(), verification(), "123456"))
		}
	}
}

func requireNotVerified(t *testing.T, status int, body string) {
	t.Helper()
	err := client(t, answering(status, body)).Verify(t.Context(), verification(), "123456")
	require.Error(t, err, "%d %s", status, body)
	var failure *otp.Error
	require.ErrorAs(t, err, &failure, "%d %s", status, body)
	require.NotEmpty(t, failure.Kind, "%d %s", status, body)
	if status >= 500 {
		require.NotErrorIs(t, err, otp.ErrCodeRejected, "an outage must not be told to a person as a wrong code: %d %s", status, body)
	}
}

func TestAVerdictOnTheCodeIsReadToTheLetter(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
		kind   otp.Kind
	}{
		{404, "", otp.ErrMisconfigured},
		{404, "<html>Invalid OTP code</html>", otp.ErrMisconfigured},
		{404, `"Invalid OTP code"`, otp.ErrMisconfigured},
		{404, `{}`, otp.ErrMisconfigured},
		{404, `{"message":""}`, otp.ErrMisconfigured},
		{404, `{"message":null}`, otp.ErrMisconfigured},
		{404, `{"message":404}`, otp.ErrMisconfigured},
		{404, `{"message":["Not found"]}`, otp.ErrMisconfigured},
		{404, `{"Message":"Not found"}`, otp.ErrMisconfigured},
		{404, `{"error":"Not found"}`, otp.ErrMisconfigured},
		{404, `{"success":false}`, otp.ErrCodeRejected},
		{404, `{"success":false,"message":"Not found"}`, otp.ErrMisconfigured},
		{404, `{"success":false,"message":["Invalid OTP code"]}`, otp.ErrMisconfigured},
		{404, `{"success":false,"error":"Not found"}`, otp.ErrMisconfigured},
		{404, `{"message":"a","message":"b"}`, otp.ErrMisconfigured},
		{410, `{}`, otp.ErrMisconfigured},
		{400, `{}`, otp.ErrInvalidRequest},
		{409, `[]`, otp.ErrProtocol},
		{422, `{"errors":{"code":["Invalid"]}}`, otp.ErrCodeRejected},
		{422, `{"errors":{"code":7}}`, otp.ErrInvalidRequest},
		{422, `{"errors":{"Code":["Invalid"]}}`, otp.ErrInvalidRequest},
		{406, `{"success":false,"message":"Invalid OTP code"}`, otp.ErrInvalidRequest},
		{408, `{"success":false,"message":"Invalid OTP code"}`, otp.ErrUnavailable},
		{500, `{"success":false,"message":"Invalid OTP code"}`, otp.ErrUnavailable},
		{302, `{"success":false,"message":"Invalid OTP code"}`, otp.ErrMisconfigured},
		{200, `{"success":false}`, otp.ErrCodeRejected},
		{204, ``, otp.ErrProtocol},
		{200, `{"success":null,"message":"Invalid OTP code"}`, otp.ErrProtocol},
		{200, `{"success":"false","message":"Invalid OTP code"}`, otp.ErrProtocol},
		{200, `{"success":0,"message":"Invalid OTP code"}`, otp.ErrProtocol},
		{200, `{"Success":false,"message":"Invalid OTP code"}`, otp.ErrProtocol},
		{200, `{"success":false,"success":true}`, otp.ErrProtocol},
		{200, `{"message":"Invalid OTP code"}`, otp.ErrProtocol},
		{200, `{"success":true,"message":"Invalid OTP code"}`, otp.ErrProtocol},
	} {
		err := client(t, answering(test.status, test.body)).Verify(t.Context(), verification(), "123456")
		var failure *otp.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, test.kind, failure.Kind, "%d %s", test.status, test.body)
		assert.Equal(t, test.kind == otp.ErrCodeRejected, failure.Outcome == otp.OutcomeAccepted, "%d %s", test.status, test.body)
	}
}

func TestSendIsAcceptedOnlyWithTheDocumentedSuccess(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
	}{
		{200, ""},
		{200, "null"},
		{200, "{}"},
		{200, "[]"},
		{204, ""},
		{200, "<html>"},
		{200, requested[:100]},
		{200, requested + requested},
		{200, strings.Replace(requested, "true", "false", 1)},
		{200, strings.Replace(requested, "true", `"true"`, 1)},
		{200, strings.Replace(requested, "success", "Success", 1)},
		{200, strings.Replace(requested, `"data"`, `"errors":{"a":[]},"data"`, 1)},
		{200, strings.Replace(requested, `"data"`, `"Errors":["?"],"data"`, 1)},
		{200, strings.Replace(requested, `"data"`, `"error":"?","data"`, 1)},
		{200, strings.Replace(requested, `"data"`, `"Data":{},"data"`, 1)},
		{200, strings.Replace(requested, `"data"`, `"Success":false,"data"`, 1)},
		{200, strings.Replace(requested, `"uuid"`, `"errors":["?"],"uuid"`, 1)},
		{200, strings.Replace(requested, `"uuid"`, `"UUID":"other","uuid"`, 1)},
		{500, requested},
		{409, requested},
	} {
		v, err := client(t, answering(test.status, test.body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.Error(t, err, test.body)
		if test.status/100 == 2 {
			require.ErrorIs(t, err, otp.ErrProtocol)
		}
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.Equal(t, phone, v.To, "the person may hold a code")
		assert.Equal(t, "hypersender", v.Provider)
		assert.Equal(t, otp.WhatsApp, v.Channel)
		assert.True(t, v.CanVerify(), "by its number")
	}
}

func TestTheAnswersAreRead(t *testing.T) {
	created := time.Date(2025, 12, 29, 17, 39, 38, 0, time.UTC)
	c := client(t, answering(201, requested))
	resp, err := c.RequestCode(t.Context(), hypersender.RequestCodeRequest{ChatID: chat})
	require.NoError(t, err)
	assert.WithinDuration(t, created, resp.CreatedAt, 0)
	assert.WithinDuration(t, created.Add(30*time.Minute), resp.ExpiresAt, 0)
	assert.Equal(t, &hypersender.RequestCodeResponse{
		UUID: "a0b5df6a-b491-4190-80a5-38d85a2a4836", Status: "pending", OTPType: "code",
		ExpiresAt: resp.ExpiresAt, CreatedAt: resp.CreatedAt,
	}, resp)

	v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), v.SentAt, 10*time.Second)
	assert.Equal(t, otp.Verification{
		Provider: "hypersender", ID: "a0b5df6a-b491-4190-80a5-38d85a2a4836", To: phone, Channel: otp.WhatsApp,
		SentAt: v.SentAt, ExpiresAt: v.SentAt.Add(30 * time.Minute),
	}, v)

	valid, err := client(t, answering(200, validated)).ValidateCode(
		t.Context(), hypersender.ValidateCodeRequest{ChatID: chat, Code: secret})
	require.NoError(t, err)
	assert.WithinDuration(t, time.Date(2025, 12, 29, 17, 43, 36, 0, time.UTC), valid.ValidatedAt, 0)
	assert.Equal(t, "a0b5df6a-b491-4190-80a5-38d85a2a4836", valid.UUID)
	assert.Equal(t, "validated", valid.Status)

	link, err := client(t, answering(200, linked)).GenerateLink(t.Context(), sampleLink())
	require.NoError(t, err)
	assert.WithinDuration(t, time.Date(2025, 12, 29, 18, 14, 55, 0, time.UTC), link.ExpiresAt, 0)
	assert.WithinDuration(t, time.Date(2025, 12, 29, 17, 44, 55, 0, time.UTC), link.CreatedAt, 0)
	assert.Equal(t, "https://wa.me/20123456789?text=Give+me+link+to+login+at+7enkesh+%5BRDYFQUBX%5D+-+DO+NOT+CHANGE+THIS+MESSAGE", link.WhatsAppLink)
	assert.Equal(t, "a0b5e14e-95da-4bd4-9e2a-071661244bef", link.UUID)
	assert.Equal(t, "pending", link.Status)
	assert.Equal(t, "link", link.OTPType)
}

func TestAnAcceptedSendIsNotDoubtedForAnOddDetail(t *testing.T) {
	for _, body := range []string{
		`{"success":true}`,
		`{"success":true,"data":null}`,
		`{"success":true,"data":[]}`,
		`{"success":true,"data":{"uuid":null,"code":123456,"status":7,"expires_at":"tomorrow","created_at":5}}`,
		`{"success":true,"data":{"uuid":17,"expires_at":1767031778}}`,
	} {
		v, err := client(t, answering(200, body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err, body)
		assert.Equal(t, 5*time.Minute, v.ExpiresAt.Sub(v.SentAt), "what was asked for")
		assert.True(t, v.CanVerify(), "by its number")
	}
	resp, err := client(t, answering(200, `{"success":true,"data":{"uuid":7,"status":"on its way","otp_type":"new"}}`)).RequestCode(
		t.Context(), hypersender.RequestCodeRequest{ChatID: chat})
	require.NoError(t, err)
	assert.Equal(t, &hypersender.RequestCodeResponse{Status: "on its way", OTPType: "new"}, resp, "one odd field does not hide the others")
	_, err = client(t, answering(200, `{"success":true,"data":{"status":"validated","uuid":7,"validated_at":null}}`)).ValidateCode(
		t.Context(), hypersender.ValidateCodeRequest{ChatID: chat, Code: secret})
	require.NoError(t, err)
}

func TestALinkIsAnHTTPSLinkOrNothing(t *testing.T) {
	for _, link := range []string{`null`, `""`, `7`, `"wa.me/2012"`, `"http://wa.me/2012"`, `"javascript:alert(1)"`, `"https:wa.me"`, `"https://"`, `"//wa.me/2012"`} {
		resp, err := client(t, answering(200, `{"success":true,"data":{"whatsapp_link":`+link+`}}`)).GenerateLink(
			t.Context(), hypersender.GenerateLinkRequest{})
		assert.Nil(t, resp)
		require.ErrorIs(t, err, otp.ErrProtocol, link)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	}
}

func TestRetryAfterIsReported(t *testing.T) {
	v := httpmock.NewMockTransport()
	v.RegisterNoResponder(httpmock.NewStringResponder(429, `{"message":"Too Many Attempts."}`).HeaderSet(http.Header{"Retry-After": {"90"}}))
	_, err := client(t, v).Send(t.Context(), otp.SendRequest{To: phone})
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, otp.ErrRateLimited, failure.Kind)
	assert.Equal(t, 90*time.Second, failure.RetryAfter)
}

func TestTheVendorsTextsAreMaskedQuotedAndCut(t *testing.T) {
	const callback = "https://shop.example/failed?secret=canary-callback"
	const quotes = `no +20 12 3456789, 20123456789, 123456789, 20123456789@c.us, 5511987654321@s.whatsapp.net, +44 (20) 7946-0958@lid, ` +
		callback + ` with ` + token
	for name, call := range map[string]func(context.Context, *hypersender.Client) error{
		"send":   send(otp.SendRequest{To: phone}),
		"verify": verify("87654321"),
		"link":   generateLink(hypersender.GenerateLinkRequest{ChatID: chat, Callback: hypersender.LinkCallback{Failed: callback}}),
	} {
		secrets := []string{token, "123456789", "56789", "87654321", "7946", "canary-callback", "\n", "\x1b"}
		text := quotes
		if name == "verify" { // the one call that knows a code
			text = "87654321 " + text
		}
		quoted, err := json.Marshal(text + "\n\x1b[31mlevel=INFO \"x\"" + strings.Repeat("y", 500))
		require.NoError(t, err)
		hostile := `{"message":` + string(quoted) + `,"errors":{` + string(quoted) + `:[` + string(quoted) + `],"chatId":{"x":` + string(quoted) + `}}}`
		err = call(t.Context(), client(t, answering(400, hostile)))
		var failure *otp.Error
		require.ErrorAs(t, err, &failure, name)
		assert.NotEmpty(t, failure.Message)
		assert.LessOrEqual(t, len(failure.Message), 200)
		var apiError *hypersender.APIError
		require.ErrorAs(t, err, &apiError)
		require.Len(t, apiError.Errors, 2)
		texts := []string{err.Error(), failure.Message, failure.Field, apiError.Error(), apiError.Message}
		for _, item := range apiError.Errors {
			assert.LessOrEqual(t, len(item.Message), 200)
			assert.LessOrEqual(t, len(item.Field), 200)
			texts = append(texts, item.Message, item.Field)
		}
		for _, text := range texts {
			for _, secret := range secrets {
				assert.NotContains(t, text, secret, name)
			}
		}
	}
}
