package kaleyratest_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var (
	sixDigits = regexp.MustCompile(`^[0-9]{6}$`)
	uuidV4    = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
)

func TestGenerateReply(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{ID: flowID, Default: true}))
	for _, tt := range []struct{ name, body, to string }{
		{"the page's sample", `{"flow_id":"` + flowID + `","to":{"mobile":"` + phone + `","email":"` + address + `"}}`, `{"mobile":"` + digits + `","email":"` + address + `"}`},
		{"default flow", `{"to":{"mobile":"` + phone + `","email":"` + address + `"}}`, `{"mobile":"` + digits + `","email":"` + address + `"}`},
		{"no email", sendBody, `{"mobile":"` + digits + `"}`},
		{"no plus", `{"to":{"mobile":"` + digits + `"}}`, `{"mobile":"` + digits + `"}`},
		{"null is absent", `{"flow_id":null,"to":{"mobile":"` + phone + `","email":null}}`, `{"mobile":"` + digits + `"}`},
		{"unknown fields", `{"otp":"123456","x":1,"to":{"mobile":"` + phone + `","name":"x"}}`, `{"mobile":"` + digits + `"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := *a
			b.t = t
			id, code := b.generate(tt.body)
			assert.Regexp(t, uuidV4, id)
			assert.Regexp(t, sixDigits, code)
			_, got := b.send("POST", b.generatePath(), tt.body)
			m, _ := b.Inbox.Last(phone)
			assert.NotEqual(t, id, m.ID)
			assert.Equal(t, `{"data":{"verify_id":"`+m.ID+`","to":`+tt.to+`,"flow_id":"`+flowID+`"}}`, got)
			assert.NotContains(t, got, m.Code)
		})
	}
}

func TestGenerateMessage(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	assert.Equal(t, []otpsim.Message{{
		ID: id, To: phone, Channel: "sms", Text: code + " is your verification code.", Code: code,
		SentAt: noon, ExpiresAt: noon.Add(5 * time.Minute), MaxAttempts: 3, Note: a.FlowID,
	}}, a.Inbox.All())
}

func TestCodeTakesANumberWithAndWithoutPlus(t *testing.T) {
	for _, mobile := range []string{phone, digits} {
		a := start(t)
		_, code := a.generate(`{"to":{"mobile":"` + mobile + `"}}`)
		for _, to := range []string{phone, digits} {
			got, ok := a.Code(to)
			assert.True(t, ok, to)
			assert.Equal(t, code, got, to)
		}
		m, err := a.Inbox.Next(t.Context(), phone)
		require.NoError(t, err)
		assert.Equal(t, code, m.Code)
	}
	a := start(t)
	for _, to := range []string{phone, digits, address, ""} {
		_, ok := a.Code(to)
		assert.False(t, ok, to)
	}
}

// A request with many mistakes is mended one by one: the errors come in the order of the checks.
func TestGenerateRefusesInOrder(t *testing.T) {
	a := start(t)
	a.refused(`nonsense`, badBody)
	a.refused(`{"flow_id":"x"}`, e600)
	a.refused(`{"flow_id":"x","to":{"email":"x"}}`, e804)
	a.refused(`{"flow_id":"x","to":{"email":"x","mobile":"x"}}`, e805)
	a.refused(`{"flow_id":"x","to":{"email":"x","mobile":"`+phone+`"}}`, e802)
	a.refused(`{"flow_id":"x","to":{"email":"`+address+`","mobile":"`+phone+`"}}`, e905)
	a.generate(`{"flow_id":"` + a.FlowID + `","to":{"email":"` + address + `","mobile":"` + phone + `"}}`)
	assert.Len(t, a.Inbox.All(), 1)
}

func TestGenerateRefuses(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{ID: flowID, Default: true}))
	mobile := func(raw string) string { return `{"to":{"mobile":` + raw + `}}` }
	email := func(raw string) string { return `{"to":{"mobile":"` + phone + `","email":` + raw + `}}` }
	flow := func(raw string) string { return `{"flow_id":` + raw + `,"to":{"mobile":"` + phone + `"}}` }
	for _, tt := range []struct{ body, want string }{
		{``, badBody},
		{`[]`, badBody},
		{`null`, badBody},
		{`"to"`, badBody},
		{`{"to":{"mobile":"` + phone + `"}`, badBody},
		{sendBody + sendBody, badBody},
		{`to[mobile]=12025550123`, badBody},

		{`{}`, e600},
		{`{"to":null}`, e600},
		{`{"to":"` + phone + `"}`, e600}, // as one third-party model has it
		{`{"to":["` + phone + `"]}`, e600},
		{`{"TO":{"mobile":"` + phone + `"}}`, e600},

		{`{"to":{}}`, e804},
		{mobile(`null`), e804},
		{mobile(`""`), e804},
		{`{"to":{"Mobile":"` + phone + `"}}`, e804},

		{mobile(`12025550123`), e805},
		{mobile(`["` + phone + `"]`), e805},
		{mobile(`"12"`), e805},
		{mobile(`"+12"`), e805},
		{mobile(`"+"`), e805},
		{mobile(`"++12025550123"`), e805},
		{mobile(`"123456789012345678901"`), e805},
		{mobile(`"+1 202 555 0123"`), e805},
		{mobile(`"+1-202-555-0123"`), e805},
		{mobile(`"+1202555012٣"`), e805},
		{mobile(`"12025550123\n"`), e805},
		{mobile(`"+12025550123,"`), e805},
		{mobile(`","`), e805},
		{mobile(`"+12025550123, +12025550124"`), e805},
		{mobile(`"+12025550123;+12025550124"`), e805},

		{email(`""`), e802},
		{email(`"user"`), e802},
		{email(`"user@"`), e802},
		{email(`"User <user@example.com>"`), e802},
		{email(`"a@example.com,b@example.com"`), e802},
		{email(`7`), e802},

		{flow(`""`), e905},
		{flow(`"` + noSuchID + `"`), e905},
		{flow(`"` + strings.ToUpper(flowID) + `"`), e905},
		{flow(`1`), e905},
	} {
		a.refused(tt.body, tt.want)
	}
	assert.Empty(t, a.Inbox.All())
}

func TestMobileLengths(t *testing.T) {
	a := start(t)
	for _, mobile := range []string{"123", "+123", "12345678901234567890", "+12345678901234567890"} {
		resp, got := a.send("POST", a.generatePath(), `{"to":{"mobile":"`+mobile+`"}}`)
		assert.Equal(t, 200, resp.StatusCode, got)
		_, ok := a.Code(mobile)
		assert.True(t, ok, mobile)
	}
}

func TestSeveralNumbersShareOneOTP(t *testing.T) {
	a := start(t)
	_, got := a.send("POST", a.generatePath(), `{"to":{"mobile":"+12025550123,12025550124,+447700900123"}}`)
	all := a.Inbox.All()
	require.Len(t, all, 3)
	id, code := all[0].ID, all[0].Code
	assert.Equal(t, `{"data":{"verify_id":"`+id+`","to":{"mobile":"12025550123,12025550124,447700900123"},"flow_id":"`+a.FlowID+`"}}`, got)
	for i, to := range []string{"+12025550123", "+12025550124", "+447700900123"} {
		assert.Equal(t, to, all[i].To)
		assert.Equal(t, id, all[i].ID)
		assert.Equal(t, code, all[i].Code)
		typed, ok := a.Code(to)
		assert.True(t, ok)
		assert.Equal(t, code, typed)
	}
	a.validated(id, code, 200, verifiedBody(id))
	a.validated(id, code, 400, e910) // it was one for all
}
