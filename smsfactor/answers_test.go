package smsfactor_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// operations has one valid call of each operation.
var operations = map[string]call{
	"generate": generating(smsfactor.GenerateRequest{To: phone}),
	"validate": validating(smsfactor.ValidateRequest{Token: token, To: phone, Code: "4321"}),
}

// expected is what has to become of one answer.
type expected struct {
	Op, Kind, Outcome, Field, Code, Message string
	AttemptsLeft                            *int `json:"attempts_left"`
}

func (want expected) check(t *testing.T, status int, body string) {
	t.Helper()
	v := answering(status, body)
	err := operations[want.Op](t.Context(), client(t, v))
	require.Len(t, v.requests, 1)
	code, apiCode := want.Code, want.Code // four digits may be a code that was sent
	if len(code) > 3 && (want.Op == "validate" || want.Outcome != "not sent") {
		code = "[redacted]"
		if want.Op == "validate" {
			apiCode = code
		}
	}
	if want.Op == "generate" && want.Outcome != "not sent" { // and so may any text
		if want.Message != "" {
			want.Message = withheld
		}
		if len(apiCode) > 3 {
			apiCode = withheld
		}
	}

	var failure *otp.Error
	require.ErrorAs(t, err, &failure, body)
	require.ErrorIs(t, err, otp.Kind(want.Kind), body)
	assert.Equal(t, want.Kind, string(failure.Kind), body)
	assert.Equal(t, want.Outcome, failure.Outcome.String(), body)
	assert.Equal(t, want.Field, failure.Field, body)
	assert.Equal(t, code, failure.Code, body)
	assert.Equal(t, want.Message, failure.Message, body)
	assert.Equal(t, want.AttemptsLeft, failure.AttemptsLeft, body)
	assert.Equal(t, status, failure.HTTPStatus)
	assert.Equal(t, "smsfactor", failure.Provider)
	assert.Equal(t, want.Op, failure.Op)

	var apiError *smsfactor.APIError
	if want.Code == "" && want.Message == "" {
		require.NotErrorAs(t, err, &apiError, body)
		return
	}
	require.ErrorAs(t, err, &apiError, body)
	assert.Equal(t, &smsfactor.APIError{
		HTTPStatus: status, Code: apiCode, Message: want.Message, AttemptsLeft: want.AttemptsLeft,
	}, apiError, body)
}

const withheld = "[withheld: it may hold the code]"

func TestEveryCodeHasItsKindAndOutcomeUnderEveryStatus(t *testing.T) {
	for _, row := range errorTable(t).Codes {
		for status, want := range map[int][]string{200: row.On200, 400: row.On400, 401: row.On401, 500: row.On500} {
			if want == nil {
				require.Equal(t, []any{"validate", 200}, []any{row.Op, status}, "only the success of Validate has no row")
				continue
			}
			for _, code := range row.Codes {
				number := strconv.Itoa(code)
				t.Run(fmt.Sprintf("%s %s %d", row.Op, number, status), func(t *testing.T) {
					e := expected{Op: row.Op, Kind: want[0], Outcome: want[1], Field: row.Field, Code: number, Message: "a text"}
					e.check(t, status, `{"code":`+number+`,"message":"a text"}`)
					e.check(t, status, `{"message":"a text","code":"`+number+`"}`)
				})
			}
		}
	}
}

func TestEverySampleHasItsKindAndOutcome(t *testing.T) {
	for i, sample := range errorTable(t).Samples {
		t.Run(fmt.Sprintf("%d %s", i, sample.Source), func(t *testing.T) {
			sample.check(t, sample.Status, sample.Body)
		})
	}
}

type table struct {
	Codes []struct {
		Source, Op, Field string
		Codes             []int
		On200             []string `json:"200"`
		On400             []string `json:"400"`
		On401             []string `json:"401"`
		On500             []string `json:"500"`
	}
	Samples []struct {
		expected
		Source, Body string
		Status       int
	}
}

func errorTable(t *testing.T) (rows table) {
	t.Helper()
	file, err := os.ReadFile("testdata/errors.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(file, &rows))
	require.NotEmpty(t, rows.Codes)
	require.NotEmpty(t, rows.Samples)
	return rows
}

// The list of the older API, the six of the OTP pages after 193, and those that users have seen.
func TestTheTableHasEveryDocumentedCode(t *testing.T) {
	listed := map[string]map[int]int{"generate": {}, "validate": {}}
	for _, row := range errorTable(t).Codes {
		for _, code := range row.Codes {
			listed[row.Op][code]++
		}
	}
	for _, codes := range [][2]int{
		{0, 0},
		{100, 134},
		{139, 139},
		{142, 142},
		{150, 153},
		{181, 182},
		{189, 189},
		{194, 199},
		{201, 210},
		{300, 306},
		{308, 308},
		{401, 401},
		{403, 403},
		{438, 438},
		{500, 501},
		{1340, 1341},
	} {
		for code := codes[0]; code <= codes[1]; code++ {
			assert.Equal(t, 1, listed["generate"][code], "generate %d", code)
			assert.Equal(t, 1, listed["validate"][code], "validate %d", code)
		}
	}
}

func TestErrorsReadLikeSentences(t *testing.T) {
	for body, want := range map[string]struct {
		status       int
		verify, send string
	}{
		`{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":3}`: {
			400,
			"smsfactor: verify: wrong code (199, 400), 3 attempts left",
			`smsfactor: send: invalid request (199, 400): "Wrong OTP code.", 3 attempts left`,
		},
		`{"code":106,"message":"Sender not valid"}`: {
			200,
			`smsfactor: verify: invalid request (106, 200): sender: "Sender not valid", outcome unknown`,
			`smsfactor: send: invalid request (106, 200): sender: "Sender not valid"`,
		},
		`{"code":125}`: {
			500,
			"smsfactor: verify: unavailable (125, 500): HTTP 500: code 125, outcome unknown",
			"smsfactor: send: unavailable (125, 500): HTTP 500: code 125, outcome unknown",
		},
		`<html>`: {
			502,
			"smsfactor: verify: unavailable (502), outcome unknown",
			"smsfactor: send: unavailable (502), outcome unknown",
		},
	} {
		c := client(t, answering(want.status, body))
		require.EqualError(t, c.Verify(t.Context(), verification(), "123456"), want.verify)
		_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		require.EqualError(t, err, want.send)
	}
}

func TestOnlyTheDocumentedSuccessVerifies(t *testing.T) {
	right := []string{
		success, sent, `{"code":0}`, " {\n\t\"code\" : 0 ,\r\n \"more\" : [ 1 ] } ", `{"message":null,"code":0}`, `{"\u0063ode":0}`,
		`{"code":"0"}`, "\ufeff" + success, `{"code":0,"errors":null}`, `{"code":0,"errors":[],"error":""}`,
	}
	wrong := []string{
		"", " ", "{}", "null", "true", "0", `"0"`, "[]", "[0]", `"success"`, "<html><body>success</body></html>", `{"code":0`,
		success[:20], success + success, success + "x", success + ",", "success", "code=0",
		`{"code":0.0}`, `{"code":-0}`, `{"code":0e0}`, `{"code":00}`, `{"code":0x0}`, `{"code":1e-9}`,
		`{"code":null}`, `{"code":false}`, `{"code":""}`, `{"code":[]}`, `{"code":[0]}`, `{"code":{}}`, `{"code":{"code":0}}`,
		`{"code":"000"}`, `{"code":"success"}`, `{"code":1}`, `{"code":-1}`, `{"code":10}`, `{"code":199}`, `{"code":"199"}`,
		`{"code":200,"message":"success"}`, `{"Code":0}`, `{"CODE":0}`, `{"code ":0}`, `{"message":"success"}`, `{"status":1}`,
		`{"status":"success"}`, `{"success":true}`, `{"code":0,"code":0}`, `{"code":199,"code":0}`, `{"code":0,"code":199}`,
		`{"code":0,"Code":199}`, `{"Code":199,"code":0}`, `{"code":0,"CODE":0}`, `{"code":0,"\u0043ode":199}`, `{"code":0,"Message":"a","message":"b"}`,
		`{"code":0,"error":"Wrong OTP code."}`, `{"code":0,"Errors":[{"code":199}]}`, `{"code":0,"errors":"x"}`,
		`{"code":0,"\u0063ode":199}`, `{"code":0,"message":"a","message":"b"}`, `[{"code":0}]`, `{"data":{"code":0}}`,
	}
	var status int
	var body string
	c := client(t, roundTripper(func(*http.Request) (*http.Response, error) {
		return httpmock.NewStringResponse(status, body), nil
	}))
	for status = 200; status < 600; status++ {
		if http.StatusText(status) == "" && status%100 != 99 {
			continue // of those that nobody has named, the last of each hundred will do
		}
		for _, body = range right {
			err := c.Verify(t.Context(), verification(), "123456")
			if status < 300 {
				require.NoError(t, err, "%d %s", status, body)
				continue
			}
			require.Error(t, err, "%d %s", status, body)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, "%d %s", status, body)
			if status >= 400 {
				require.ErrorIs(t, err, otp.ErrProtocol, "%d %s", status, body)
			}
		}
		for _, body = range wrong {
			err := c.Verify(t.Context(), verification(), "123456")
			var failure *otp.Error
			require.ErrorAs(t, err, &failure, "%d %s", status, body)
			require.NotEmpty(t, failure.Kind)
			if !strings.Contains(body, "199") {
				require.NotErrorIs(t, err, otp.ErrCodeRejected, "a person must not be told that the code was wrong: %d %s", status, body)
			}
		}
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
		{200, "<html>"},
		{200, sent[:40]},
		{200, sent + sent},
		{200, success},
		{200, `{"otp_request_token":"` + token + `"}`},
		{200, `{"code":0,"otp_request_token":""}`},
		{200, `{"code":0,"otp_request_token":null}`},
		{200, `{"code":0,"otp_request_token":5}`},
		{200, `{"code":0,"OTP_request_token":"` + token + `"}`},
		{200, `{"code":0,"otp_request_token":"a","otp_request_token":"b"}`},
		{200, `{"code":null,"otp_request_token":"` + token + `"}`},
		{200, `{"code":"000","otp_request_token":"` + token + `"}`},
		{200, `{"code":" 0","otp_request_token":"` + token + `"}`},
		{200, `{"code":"+0","otp_request_token":"` + token + `"}`},
		{200, `{"code":"0.0","otp_request_token":"` + token + `"}`},
		{200, `{"code":0,"Code":104,"otp_request_token":"` + token + `"}`},
		{200, `{"code":0,"otp_request_token":"` + token + `","OTP_Request_Token":"b"}`},
		{200, `{"code":0,"otp_request_token":"` + token + `","error":"?"}`},
		{204, ""},
		{400, sent},
		{500, sent},
	} {
		v, err := client(t, answering(test.status, test.body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrProtocol, test.body)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), test.body)
		assert.Equal(t, phone, v.To, "the person may hold a code")
		assert.Equal(t, otp.SMS, v.Channel)
		assert.Equal(t, "smsfactor", v.Provider)
		assert.Contains(t, []bool{v.ID == token, v.ID == "a", !v.HasReference()}, true, "the token, or a random ID")
		assert.True(t, v.CanVerify(), "by the number")
	}

	v, err := client(t, answering(200, `{"code":104}`)).Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrInsufficientFunds)
	assert.Zero(t, v, "nothing was sent")
}

func TestSendReturnsTokenAndLifetime(t *testing.T) {
	for status, body := range map[int]string{200: sent, 201: sent, 202: `{"code":"0","otp_request_token":"` + token + `"}`} {
		before := time.Now()
		v, err := client(t, answering(status, body)).Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.Voice, TTL: time.Hour})
		require.NoError(t, err)
		assert.WithinRange(t, v.ExpiresAt, before.Add(time.Hour), time.Now().Add(time.Hour))

		stored, err := json.Marshal(v)
		require.NoError(t, err)
		var restored otp.Verification
		require.NoError(t, json.Unmarshal(stored, &restored))
		assert.True(t, v == restored, "a stored verification is the same")

		assert.Equal(t, time.Hour, v.ExpiresAt.Sub(v.SentAt))
		v.ExpiresAt, v.SentAt = time.Time{}, time.Time{}
		assert.Equal(t, otp.Verification{Provider: "smsfactor", ID: token, To: phone, Channel: otp.Voice}, v)
	}
}

func TestTheAnswersOfTheNativeCalls(t *testing.T) {
	generated, err := client(t, answering(201, sent)).Generate(t.Context(), smsfactor.GenerateRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, &smsfactor.GenerateResponse{Token: token, TicketNumber: "sms_5fa275dbf21dc", Message: "sent"}, generated)

	odd := `{"code":0,"otp_request_token":"x","message":{"text":1},"ticket_number":7,"balance":0.1}`
	generated, err = client(t, answering(200, odd)).Generate(t.Context(), smsfactor.GenerateRequest{To: phone})
	require.NoError(t, err, "the code is on its way: an odd detail does not change that")
	assert.Equal(t, &smsfactor.GenerateResponse{Token: "x"}, generated)

	told := `{"code":0,"otp_request_token":"x","message":"to ` + phone + ` for ` + login + `\n"}`
	generated, err = client(t, answering(200, told)).Generate(t.Context(), smsfactor.GenerateRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, &smsfactor.GenerateResponse{Token: "x", Message: `to [redacted] for [redacted]\n`}, generated)

	validated, err := client(t, answering(201, success)).Validate(t.Context(), smsfactor.ValidateRequest{Token: token, Code: "123456"})
	require.NoError(t, err)
	assert.Equal(t, &smsfactor.ValidateResponse{Message: "success"}, validated)

	echo := `{"code":0,"message":"` + phone + ` 123456 ` + key + `\n"}`
	validated, err = client(t, answering(200, echo)).Validate(t.Context(), smsfactor.ValidateRequest{To: phone, Code: "123456"})
	require.NoError(t, err)
	assert.Equal(t, &smsfactor.ValidateResponse{Message: `[redacted] [redacted] [redacted]\n`}, validated)
}

func TestWithoutATokenTheNumberIsVerified(t *testing.T) {
	for status, body := range map[int]string{500: "", 200: success, 502: "<html>", 504: `{"code":501}`} {
		v, err := client(t, answering(status, body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.Error(t, err)
		require.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.False(t, v.HasReference())

		again, _ := client(t, answering(status, body)).Send(t.Context(), otp.SendRequest{To: phone})
		assert.NotEqual(t, v.ID, again.ID)

		later := answering(200, success)
		require.NoError(t, client(t, later).Verify(t.Context(), v, "123456"))
		assert.JSONEq(t, `{"code":"123456","phone_number":"`+phone+`"}`, later.requests[0].body)
	}
}

func TestATokenThatCannotBeStoredIsNone(t *testing.T) {
	for _, odd := range []string{"a b", `a\nlevel=INFO`, strings.Repeat("x", 257)} {
		v, err := client(t, answering(200, `{"code":0,"otp_request_token":"`+odd+`"}`)).Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err, "the code is on its way")
		assert.False(t, v.HasReference())

		later := answering(200, success)
		require.NoError(t, client(t, later).Verify(t.Context(), v, "123456"))
		assert.JSONEq(t, `{"code":"123456","phone_number":"`+phone+`"}`, later.requests[0].body)
	}
}

func TestTheVendorsTextsAreMaskedQuotedAndCut(t *testing.T) {
	hostile := func(code string) string {
		return `{"code":` + code + `,"message":"no +33 6 11 22 33 44, 33611223344, 0611223344 with 87654321 and ` + key + ` of ` + login +
			`\n\u001b[31mlevel=INFO \"x\"` + strings.Repeat("y", 500) + `","field":"` + key + `"}`
	}
	for name, test := range map[string]struct {
		body string
		call call
	}{
		"send":              {hostile("117"), send(otp.SendRequest{To: phone})},
		"verify":            {hostile("195"), verify("87654321")},
		"wrong code":        {hostile("199"), verify("87654321")},
		"no readable code":  {hostile(`"` + key + `"`), verify("87654321")},
		"native generate":   {hostile("5"), operations["generate"]},
		"validate by token": {hostile("5"), validating(smsfactor.ValidateRequest{To: phone, Token: token, Code: "87654321"})},
	} {
		err := test.call(t.Context(), client(t, answering(400, test.body)))
		var failure *otp.Error
		require.ErrorAs(t, err, &failure, name)
		assert.NotEmpty(t, failure.Message)
		assert.LessOrEqual(t, len(failure.Message), 200)
		var apiError *smsfactor.APIError
		require.ErrorAs(t, err, &apiError)
		for _, text := range []string{err.Error(), failure.Message, failure.Field, failure.Code, apiError.Error(), apiError.Code, apiError.Message} {
			for _, secret := range []string{key, login, "611223344", "33 44", "\n", "\x1b"} {
				assert.NotContains(t, text, secret, name)
			}
			if test.body != hostile("117") && test.body != hostile("5") {
				assert.NotContains(t, text, "87654321", name)
			}
		}
	}
}

func TestAPIErrorReadsLikeASentence(t *testing.T) {
	assert.Equal(t, `HTTP 400: code 199: "Wrong OTP code."`,
		(&smsfactor.APIError{HTTPStatus: 400, Code: "199", Message: "Wrong OTP code."}).Error())
	assert.Equal(t, "HTTP 401", (&smsfactor.APIError{HTTPStatus: 401}).Error())
}

// A refusal that carries anything of the vendor's success may come from a proxy, for a request that
// was done.
func TestASignOfSuccessMakesTheOutcomeUnknown(t *testing.T) {
	for op, bodies := range map[string][]string{
		"validate": {
			success, `{"code":"0"}`, `{"code":0.0}`, `{"code":"000","message":"x"}`, `{"code":0,"code":194}`,
			`{"code":194,"message":"Success"}`, `{"code":0,"errors":["x"]}`, `{"code":199,"message":"success"}`,
		},
		"generate": {
			sent, success, `{"code":"000"}`, `{"otp_request_token":"otp_1"}`, `{"ticket_number":7}`,
			`{"code":105,"message":"Not enough credit","otp_request_token":"otp_1"}`, `{"code":101,"ticket_number":"sms_1"}`,
			`{"code":101,"Code":0}`,
		},
	} {
		for _, body := range bodies {
			for _, status := range []int{400, 401, 402, 403, 404, 409, 422, 429, 500} {
				v := answering(status, body)
				err := operations[op](t.Context(), client(t, v, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1})))
				require.Error(t, err)
				assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%s %d %s: %v", op, status, body, err)
				require.NotErrorIs(t, err, otp.ErrCodeRejected, "%s %d %s", op, status, body)
				assert.Len(t, v.requests, 1)
			}
		}
	}
	for _, body := range []string{
		`{"code":105,"otp_request_token":null,"ticket_number":""}`, `{"code":105,"otp_request_token":"","ticket_number":null}`,
	} {
		err := operations["generate"](t.Context(), client(t, answering(200, body)))
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err), "what is empty is no sign: %s", body)
	}
}

// Of the codes that the account's settings may make, letters may be one. A portable send makes
// digits.
func TestTextsThatMayHoldTheCodeAreWithheld(t *testing.T) {
	body := `{"code":125,"message":"sent QWERTZ 482913"}`
	for want, op := range map[string]call{
		"sent QWERTZ [redacted]": send(otp.SendRequest{To: phone}),
		withheld:                 operations["generate"],
	} {
		err := op(t.Context(), client(t, answering(500, body)))
		var failure *otp.Error
		require.ErrorAs(t, err, &failure)
		assert.Equal(t, want, failure.Message)
		assert.Equal(t, "125", failure.Code)
	}
	err := sendWith(smsfactor.Alphabet(smsfactor.UpperCase))(t.Context(), client(t, answering(500, body)))
	assert.NotContains(t, err.Error(), "QWERTZ")
}
