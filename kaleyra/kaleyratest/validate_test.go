package kaleyratest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

func TestValidateOnce(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	a.validated(id, code, 200, `{"data":{"verify_id":"`+id+`","message":"OTP verified successfully."}}`)
	a.validated(id, code, 400, e910)
	a.validated(id, wrong(code), 400, e910)
	a.Clock.Advance(time.Hour)
	a.validated(id, code, 400, e910) // used counts before expired
}

func TestValidateWrongCode(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, code, 200, verifiedBody(id))
}

func TestValidateRefuses(t *testing.T) {
	a := start(t)
	id, _ := a.generate(sendBody)
	for _, tt := range []struct{ body, want string }{
		{``, badBody},
		{`[]`, badBody},
		{`null`, badBody},
		{`{"verify_id"="` + id + `","otp"="1234"}`, badBody}, // as the older page prints it
		{`{}`, e800},
		{`{"otp":"123456"}`, e800},
		{`{"verify_id":"","otp":""}`, e800},
		{`{"verify_id":null}`, e800},
		{`{"verify_id":"` + id + `"}`, e801},
		{`{"verify_id":"` + id + `","otp":""}`, e801},
		{`{"verify_id":"` + id + `","otp":null}`, e801},
		{`{"verify_id":"` + id + `","OTP":"123456"}`, e801},
		{`{"verify_id":"nobody's"}`, e801}, // before the verify_id is looked up
		{validateBody(noSuchID, "123456"), e909},
		{validateBody("x", "x y"), e909},
		{`{"verify_id":12,"otp":"123456"}`, e909},
		{validateBody(id, "12345 "), e803},
		{validateBody(id, "12-456"), e803},
		{validateBody(id, "12345٦"), e803},
		{validateBody(id, "abc-defg-h"), e803},
		{`{"verify_id":"` + id + `","otp":123456}`, e803}, // a code is a string
		{validateBody(id, "12345a"), e914},
		{validateBody(id, "ABC"), e914},
		{validateBody(id, "12345"), e903},
		{validateBody(id, "1234567"), e903},
	} {
		a.expect(a.validatePath(), tt.body, 400, tt.want)
	}
	code, _ := a.Code(phone)
	a.validated(id, code, 200, verifiedBody(id)) // none of them was an attempt
}

func TestLeadingZerosCount(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	for code[0] != '0' || code[1] == '0' {
		id, code = a.generate(sendBody)
	}
	a.validated(id, code[1:], 400, e903)
	a.validated(id, code[1:]+"0", 400, e912)
	a.validated(id, code, 200, verifiedBody(id))
}

func TestExpiry(t *testing.T) {
	for _, tt := range []struct {
		name string
		flow kaleyratest.Flow
		want time.Duration
	}{
		{"default", kaleyratest.Flow{Default: true}, 5 * time.Minute},
		{"the flow's", kaleyratest.Flow{Default: true, Lifetime: 30 * time.Second}, 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t, withFlow(tt.flow))
			id, code := a.generate(sendBody)
			a.Clock.Advance(tt.want)
			a.validated(id, code, 400, e913)
			a.validated(id, wrong(code), 400, e913)

			id, code = a.generate(sendBody)
			a.Clock.Advance(tt.want - time.Millisecond)
			a.validated(id, code, 200, verifiedBody(id))
		})
	}
}

func TestAttempts(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	for range 3 {
		a.validated(id, wrong(code), 400, e912)
	}
	a.validated(id, wrong(code), 400, e911)
	a.validated(id, code, 400, e911) // the right one is too late
	a.validated(id, "1", 400, e911)  // counts before the format
	other, code := a.generate(sendBody)
	a.validated(other, code, 200, verifiedBody(other)) // attempts are per verify_id
	a.Clock.Advance(time.Hour)
	a.validated(id, code, 400, e913) // expired counts before used up
}

func TestAttemptsOfTheFlow(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, MaxAttempts: 1}))
	id, code := a.generate(sendBody)
	a.validated(id, wrong(code), 400, e912)
	a.validated(id, code, 400, e911)
}

func TestEarlierIDsStayValid(t *testing.T) {
	a := start(t)
	first, firstCode := a.generate(sendBody)
	second, secondCode := a.generate(sendBody)
	require.NotEqual(t, first, second)
	a.validated(first, firstCode, 200, verifiedBody(first))
	a.validated(second, secondCode, 200, verifiedBody(second))
}

func TestCodesBelongToTheirID(t *testing.T) {
	a := start(t)
	first, firstCode := a.generate(sendBody)
	second, secondCode := a.generate(sendBody)
	for secondCode == firstCode {
		second, secondCode = a.generate(sendBody)
	}
	a.validated(first, secondCode, 400, e912)
	a.validated(second, firstCode, 400, e912)
}
