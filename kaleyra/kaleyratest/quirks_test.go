package kaleyratest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

// The zero values are tested with the operations; here is each quirk on.

func TestQuirkSuccessIs201(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{SuccessIs201: true}))
	resp, got := a.send("POST", a.generatePath(), sendBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, 201, resp.StatusCode)
	assert.Equal(t, acceptedBody(m.ID, a.FlowID), got)
	a.validated(m.ID, wrong(m.Code), 400, e912)
	a.validated(m.ID, m.Code, 201, verifiedBody(m.ID))
	assert.True(t, a.Requests()[0].Accepted)
}

func TestQuirkErrorsAre200(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{ErrorsAre200: true}))
	a.expect(a.generatePath(), `{}`, 200, e600)
	id, code := a.generate(sendBody)
	a.validated(id, wrong(code), 200, e912)
	a.validated(id, code, 200, verifiedBody(id))
	a.validated(id, code, 200, e910)
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

func TestQuirkEmptyError(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{EmptyError: true}))
	_, got := a.send("POST", a.generatePath(), sendBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, `{"data":{`+accepted(m.ID, a.FlowID)+`},"error":{}}`, got)
	a.validated(m.ID, wrong(m.Code), 400, e912)
	a.validated(m.ID, m.Code, 200, `{"data":{`+verified(m.ID)+`},"error":{}}`)
}

func TestQuirkFlatCredentialError(t *testing.T) {
	a := start(t, quirk(kaleyratest.Quirks{FlatCredentialError: true}))
	resp, got := a.send("POST", a.generatePath(), sendBody, "api-key", "wrong")
	assert.Equal(t, 401, resp.StatusCode)
	assert.Equal(t, `{"code":"RBC001","message":"Incorrect SID or API key","data":{},"error":{}}`, got)
	assert.Empty(t, a.Inbox.All())
	assert.False(t, a.Requests()[0].Accepted)
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
	resp, got := a.send("POST", a.generatePath(), sendBody, "Content-Type", "text/plain")
	assert.Equal(t, 415, resp.StatusCode)
	assert.Equal(t, `{"message":"unsupported media type"}`, got)
	a.generate(sendBody)
}
