package kaleyratest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

// The zero values are tested with the operations; here is each quirk on. RetryAfter is in
// TestRateLimitRetryAfter.

func TestQuirkSuccessStatus(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{SuccessStatus: 202}))
	resp, got := a.send("POST", a.generatePath(), sendBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, 202, resp.StatusCode)
	assert.Equal(t, acceptedBody(m.ID, a.FlowID), got)
	a.validated(m.ID, wrong(m.Code), 400, e912)
	a.validated(m.ID, m.Code, 202, verifiedBody(m.ID))
	assert.True(t, a.Requests()[0].Accepted)
}

func TestQuirkErrorStatus(t *testing.T) {
	for _, status := range []int{200, 422, 500} {
		a := start(t, quirk(kaleyratest.Quirks{ErrorStatus: status}))
		a.expect(a.generatePath(), `{}`, status, e600)
		id, code := a.generate(sendBody)
		a.validated(id, wrong(code), status, e912)
		a.validated(id, code, 200, verifiedBody(id))
		a.validated(id, code, status, e910)
		a.expect("/v1/other/verify", sendBody, 401, rbc001)
		a.expect(a.generatePath(), `nonsense`, 400, badBody)
		accepted := 0
		for _, r := range a.Requests() {
			if r.Accepted {
				accepted++
			}
		}
		assert.Equal(t, 2, accepted, "a refusal is one whatever its status")
	}
}

func TestQuirkEmptyError(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{EmptyError: true}))
	_, got := a.send("POST", a.generatePath(), sendBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, `{"data":{`+accepted(m.ID, a.FlowID)+`},"error":{}}`, got)
	a.validated(m.ID, wrong(m.Code), 400, e912)
	a.validated(m.ID, m.Code, 200, `{"data":{`+verified(m.ID)+`},"error":{}}`)
}

func TestQuirkTopLevelMessage(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{TopLevelMessage: true}))
	a.refused(`{}`, `{"error":{"code":"E600","type":"VALIDATION_ERROR","parameter":"to","reference":""},"message":"to field is mandatory"}`)
	id, _ := a.generate(sendBody)
	a.validated(id, "abcdef", 400, `{"error":{"code":"E914","parameter":"","type":"VALIDATION_ERROR","reference":""},"message":"Flow does not support alphanumeric OTP."}`)
}

func TestQuirkEchoPlus(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{EchoPlus: true}))
	for _, mobile := range []string{phone, digits, "+12025550123,12025550124"} {
		_, got := a.send("POST", a.generatePath(), `{"to":{"mobile":"`+mobile+`"}}`)
		assert.Contains(t, got, `"to":{"mobile":"`+mobile+`"}`)
	}
}

func TestQuirkMissingEmail(t *testing.T) {
	for quirked, want := range map[kaleyratest.MissingEmail]string{
		kaleyratest.EmailAbsent: `"to":{"mobile":"12025550123"}`,
		kaleyratest.EmailEmpty:  `"to":{"mobile":"12025550123","email":""}`,
		kaleyratest.EmailNull:   `"to":{"mobile":"12025550123","email":null}`,
	} {
		a := start(t, quirk(kaleyratest.Quirks{MissingEmail: quirked}))
		_, got := a.send("POST", a.generatePath(), sendBody)
		assert.Contains(t, got, want)
		_, got = a.send("POST", a.generatePath(), `{"to":{"mobile":"`+phone+`","email":"`+address+`"}}`)
		assert.Contains(t, got, `"to":{"mobile":"12025550123","email":"user@example.com"}`)
	}
}

func TestQuirkOmitFlowID(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{OmitFlowID: true}))
	_, got := a.send("POST", a.generatePath(), sendBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, `{"data":{"verify_id":"`+m.ID+`","to":{"mobile":"12025550123"}}}`, got)
}

func TestQuirkCredentials(t *testing.T) {
	const message = `"message":"Incorrect SID or API key"`
	for _, tt := range []struct {
		quirks kaleyratest.Quirks
		status int
		want   string
	}{
		{kaleyratest.Quirks{}, 401, rbc001},
		{kaleyratest.Quirks{CredentialStatus: 403}, 403, rbc001},
		{kaleyratest.Quirks{CredentialStatus: 200}, 200, rbc001},
		{kaleyratest.Quirks{CredentialShape: kaleyratest.ShapeFlat}, 401, `{"code":"RBC001",` + message + `,"data":{},"error":{}}`},
		{kaleyratest.Quirks{CredentialShape: kaleyratest.ShapeFlat, CredentialStatus: 200}, 200, `{"code":"RBC001",` + message + `,"data":{},"error":{}}`},
		{kaleyratest.Quirks{CredentialShape: kaleyratest.ShapeFlatNumber}, 401, `{"code":401,` + message + `,"data":{},"error":{}}`},
		{kaleyratest.Quirks{CredentialShape: kaleyratest.ShapeFlatNumber, CredentialStatus: 403}, 403, `{"code":403,` + message + `,"data":{},"error":{}}`},
		{kaleyratest.Quirks{CredentialShape: kaleyratest.ShapeMessage}, 401, `{` + message + `}`},
		{kaleyratest.Quirks{CredentialShape: kaleyratest.ShapeNoBody}, 401, ``},
	} {
		a := start(t, quirk(tt.quirks))
		resp, got := a.send("POST", a.generatePath(), sendBody, "api-key", "wrong")
		assert.Equal(t, tt.status, resp.StatusCode)
		assert.Equal(t, tt.want, got)
		assert.Empty(t, a.Inbox.All())
		assert.False(t, a.Requests()[0].Accepted)
	}
}

func TestQuirkLastAttemptExceeds(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{LastAttemptExceeds: true}))
	id, code := a.generate(sendBody)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, wrong(code), 400, e911)
	a.validated(id, code, 400, e911)
	id, code = a.generate(sendBody)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, code, 200, verifiedBody(id))
}

func TestQuirkMalformedIsWrong(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{MalformedIsWrong: true}))
	id, code := a.generate(sendBody)
	a.validated(id, "1", 400, e912)
	a.validated(id, "abcdef", 400, e912)
	a.expect(a.validatePath(), `{"verify_id":"`+id+`","otp":1`+code[1:]+`}`, 400, e912)
	a.validated(id, code, 400, e911)
}

func TestQuirkNewestCodeOnly(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{NewestCodeOnly: true}))
	first, firstCode := a.generate(sendBody)
	second, secondCode := a.generate(`{"to":{"mobile":"` + digits + `"}}`) // the same phone
	a.validated(first, firstCode, 400, e909)
	resp, got := a.send("POST", a.generatePath(), `{"to":{"mobile":"+447700900123"}}`)
	require.Equal(t, 200, resp.StatusCode, got)
	a.validated(second, secondCode, 200, verifiedBody(second)) // another phone's code changes nothing
	a.validated(second, secondCode, 400, e910)

	both, code := a.generate(`{"to":{"mobile":"+12025550123,+447700900123"}}`)
	other := a.Inbox.Of("+447700900123")[0]
	a.validated(other.ID, other.Code, 400, e909)
	a.validated(both, code, 200, verifiedBody(both))
}

func TestQuirkGenerateTakesOTP(t *testing.T) {
	own := func(flow, otp string) string {
		return `{"flow_id":"` + flow + `","to":{"mobile":"` + phone + `"},"otp":` + otp + `}`
	}
	a := start(t, quirk(kaleyratest.Quirks{GenerateTakesOTP: true, RefuseUnknownFields: true}),
		withFlow(kaleyratest.Flow{ID: "digits", Default: true}), withFlow(kaleyratest.Flow{ID: "letters", Alphanumeric: true}))
	a.refused(own("digits", `"12345!"`), e803)
	a.refused(own("digits", `123456`), e803)
	a.refused(own("digits", `"ABCDEF"`), e914)
	a.refused(own("digits", `"1234567"`), e903)
	a.refused(own("digits", `""`), e903)
	a.refused(own("letters", `"ABC"`), e903)
	a.refused(own("nowhere", `"!"`), e905)
	assert.Empty(t, a.Inbox.All())

	id, code := a.generate(own("digits", `"001234"`))
	assert.Equal(t, "001234", code)
	a.validated(id, code, 200, verifiedBody(id))
	id, code = a.generate(own("letters", `"aB12cD"`))
	assert.Equal(t, "aB12cD", code)
	a.validated(id, "AB12CD", 400, e912)
	a.validated(id, code, 200, verifiedBody(id))
	_, code = a.generate(sendBody)
	assert.Regexp(t, sixDigits, code)

	a = start(t)
	_, code = a.generate(`{"to":{"mobile":"` + phone + `"},"otp":"1"}`)
	assert.Regexp(t, sixDigits, code, "without the quirk the field is not known")
}

func TestQuirkRefuseUnknownFields(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{RefuseUnknownFields: true}))
	a.refused(`{"to":{"mobile":"`+phone+`"},"otp":"123456"}`, badBody)
	a.refused(`{"to":{"mobile":"`+phone+`","name":"x"}}`, badBody)
	a.refused(`{"x":1}`, badBody)
	a.refused(`{"to":"`+phone+`"}`, e600)
	id, code := a.generate(`{"flow_id":"` + a.FlowID + `","to":{"mobile":"` + phone + `","email":"` + address + `"}}`)
	a.expect(a.validatePath(), `{"verify_id":"`+id+`","otp":"`+code+`","to":"x"}`, 400, badBody)
	a.validated(id, code, 200, verifiedBody(id))
}

func TestQuirkRequireJSON(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{RequireJSON: true}))
	for contentType, status := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON": 200,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "": 415,
	} {
		resp, got := a.send("POST", a.generatePath(), sendBody, "Content-Type", contentType)
		assert.Equal(t, status, resp.StatusCode, contentType)
		if status == 415 {
			assert.Equal(t, `{"message":"unsupported media type"}`, got)
		}
	}
}
