package kaleyra_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

// operations has one valid call of every operation.
var operations = map[string]func(context.Context, *kaleyra.Client) error{
	"generate": generate(kaleyra.GenerateRequest{To: phone, Email: email}),
	"validate": validate(kaleyra.ValidateRequest{VerifyID: verifyID, Code: "4321"}),
}

// sample is one failure: what the vendor answers, and what becomes of it.
type sample struct {
	Op, Kind, Outcome, Field, Code string

	Statuses []int // empty = the code decides, whatever the status
	Body     json.RawMessage
}

func samples(t testing.TB) []sample {
	t.Helper()
	file, err := os.ReadFile("testdata/errors.json")
	require.NoError(t, err)
	var all []sample
	require.NoError(t, json.Unmarshal(file, &all))
	for i := range all {
		if len(all[i].Statuses) == 0 {
			all[i].Statuses = []int{200, 202, 400, 401, 403, 404, 409, 422, 429, 500, 503}
		}
	}
	return all
}

func TestEveryErrorHasItsKindAndOutcome(t *testing.T) {
	for _, sample := range samples(t) {
		for _, status := range sample.Statuses {
			t.Run(sample.Op+" "+sample.Code+" "+strconv.Itoa(status), func(t *testing.T) {
				v := answering(status, string(sample.Body))
				err := operations[sample.Op](t.Context(), client(t, v))

				var failure *otp.Error
				require.ErrorAs(t, err, &failure)
				assert.Equal(t, otp.Kind(sample.Kind), failure.Kind)
				assert.Equal(t, sample.Outcome, failure.Outcome.String())
				assert.Equal(t, sample.Field, failure.Field)
				assert.Equal(t, sample.Code, failure.Code)
				assert.Equal(t, status, failure.HTTPStatus)
				assert.Equal(t, "kaleyra", failure.Provider)
				assert.Equal(t, sample.Op, failure.Op)
				assert.Len(t, v.requests, 1)
			})
		}
	}
}

func TestWithoutACodeTheStatusDecides(t *testing.T) {
	for _, body := range []string{"", "{}", `{"error":{}}`, `{"error":null}`, `{"error":"E912"}`, `{"error":{"code":"E912","code":"E912"}}`, "<html>E912"} {
		for status, want := range map[int]struct {
			kind             otp.Kind
			generate, verify otp.Outcome
		}{
			200: {otp.ErrProtocol, otp.OutcomeUnknown, otp.OutcomeUnknown},
			302: {otp.ErrMisconfigured, otp.OutcomeUnknown, otp.OutcomeUnknown},
			400: {otp.ErrInvalidRequest, otp.OutcomeNotSent, otp.OutcomeUnknown},
			401: {otp.ErrUnauthorized, otp.OutcomeNotSent, otp.OutcomeUnknown},
			403: {otp.ErrUnauthorized, otp.OutcomeNotSent, otp.OutcomeUnknown},
			404: {otp.ErrMisconfigured, otp.OutcomeNotSent, otp.OutcomeUnknown},
			409: {otp.ErrInvalidRequest, otp.OutcomeUnknown, otp.OutcomeUnknown},
			422: {otp.ErrInvalidRequest, otp.OutcomeNotSent, otp.OutcomeUnknown},
			429: {otp.ErrRateLimited, otp.OutcomeNotSent, otp.OutcomeUnknown},
			500: {otp.ErrUnavailable, otp.OutcomeUnknown, otp.OutcomeUnknown},
			503: {otp.ErrUnavailable, otp.OutcomeUnknown, otp.OutcomeUnknown},
		} {
			c := client(t, answering(status, body))
			err := operations["generate"](t.Context(), c)
			require.ErrorIs(t, err, want.kind, "%d %s", status, body)
			assert.Equal(t, want.generate.String(), otp.OutcomeOf(err).String(), "%d %s", status, body)
			err = operations["validate"](t.Context(), c)
			if (status == 409 || status == 422) && !strings.Contains(body, `"error":"`) { // a framework's, perhaps
				want.kind = otp.ErrProtocol
			}
			require.ErrorIs(t, err, want.kind, "%d %s", status, body)
			assert.Equal(t, want.verify.String(), otp.OutcomeOf(err).String(), "%d %s", status, body)
		}
	}
}

func TestAPIErrorHasTheVendorsErrorFieldByField(t *testing.T) {
	c := client(t, answering(400, `{"error":{"code":"E804","type":"VALIDATION_ERROR","parameter":"mobile",
		"message":"Mobile number is mandatory.","reference":"r-1"}}`))
	var got *kaleyra.APIError
	require.ErrorAs(t, operations["generate"](t.Context(), c), &got)
	assert.Equal(t, &kaleyra.APIError{
		HTTPStatus: 400, Code: "E804", Type: "VALIDATION_ERROR", Parameter: "mobile",
		Message: "Mobile number is mandatory.", Reference: "r-1",
	}, got)
	require.EqualError(t, got, `HTTP 400: E804: "Mobile number is mandatory." (mobile)`)
	assert.True(t, got.IsValidation())

	c = client(t, answering(422, `{"error":{"type":"validation_error"},"message":"beside it"}`))
	got = nil
	require.ErrorAs(t, operations["validate"](t.Context(), c), &got)
	assert.Equal(t, &kaleyra.APIError{HTTPStatus: 422, Type: "validation_error", Message: "beside it"}, got)
	require.EqualError(t, got, `HTTP 422: "beside it"`)
	assert.True(t, got.IsValidation(), "the vendor writes it both ways")
	assert.False(t, (&kaleyra.APIError{Type: "other"}).IsValidation())
}

func TestErrorsReadLikeSentences(t *testing.T) {
	for _, test := range []struct {
		status             int
		body, verify, send string
	}{
		{
			400, `{"error":{"code":"E912","message":"Invalid OTP"}}`,
			"kaleyra: verify: wrong code (E912, 400)",
			`kaleyra: send: invalid request (E912, 400): "Invalid OTP"`,
		},
		{
			200, `{"error":{"code":"E905","parameter":"flow_id","message":"Flow Id not approved or not found"}}`,
			`kaleyra: verify: protocol error (E905, 200): flow_id: "Flow Id not approved or not found", outcome unknown`,
			`kaleyra: send: misconfigured (E905, 200): flow_id: "Flow Id not approved or not found"`,
		},
		{
			500, `<html>`,
			"kaleyra: verify: unavailable (500), outcome unknown",
			"kaleyra: send: unavailable (500), outcome unknown",
		},
	} {
		c := client(t, answering(test.status, test.body))
		require.EqualError(t, c.Verify(t.Context(), verification(), "1234"), test.verify)
		require.EqualError(t, send(otp.SendRequest{To: phone})(t.Context(), c), test.send)
	}
}

// successes are the documented success of Validate, and what else stands on the vendor's pages
// beside it.
func successes() []string {
	return []string{
		verified,
		`{"data":{"verify_id":"` + verifyID + `","message":"OTP verified successfully."},"error":{}}`,
		`{"data":{"verify_id":"` + verifyID + `","message":"OTP verified successfully."},"error":null}`,
		` { "error" :  { } , "data" : { "verify_id" : "` + verifyID + `" } , "code" : null , "more" : [ 1 ] } `,
		`{"data":{"verify_id":"` + verifyID + `","error":{},"code":""},"error":{ },"errors":null,"code":""}`,
		`{"data":{"verify_id":"` + verifyID + `"},"error":"","errors":[]}`,
		`{"data":{"verify_id":"` + verifyID + `"},"error":false,"errors":{}}`,
		"\ufeff" + verified,
	}
}

func TestVerifyIsNilForTheSuccessAlone(t *testing.T) {
	const id = `"verify_id":"` + verifyID + `"`
	bodies := []string{
		"", "{}", "null", "true", `"success"`, "[]", `"` + verifyID + `"`, "<html><body>OTP verified successfully.</body></html>",
		verified[:len(verified)-1], verified + verified, verified + "x", "[" + verified + "]",
		`{` + id + `}`, `{"data":null}`, `{"data":{}}`, `{"data":[{` + id + `}]}`, `{"data":"` + verifyID + `"}`,
		`{"data":{"message":"OTP verified successfully."}}`, `{"message":"OTP verified successfully."}`,
		`{"Data":{` + id + `}}`, `{"data":{"Verify_id":"` + verifyID + `"}}`, `{"data":{"verifyId":"` + verifyID + `"}}`,
		`{"data":{"verify_id":""}}`, `{"data":{"verify_id":null}}`, `{"data":{"verify_id":true}}`, `{"data":{"verify_id":["` + verifyID + `"]}}`,
		`{"data":{"verify_id":"` + strings.ToUpper(verifyID) + `"}}`, `{"data":{"verify_id":"` + verifyID + ` "}}`,
		`{"data":{"verify_id":"00000000-805e-43fa-bece-5815ce0795a2","message":"OTP verified successfully."}}`,
		`{"data":{"verify_id":"other",` + id + `}}`, `{"data":{` + id + `,"verify_id":"other"}}`, `{"data":{` + id + `,` + id + `}}`,
		`{"data":{` + id + `},"data":{` + id + `}}`, `{"data":{` + id + `},"data":{}}`, `{"data":{},"data":{` + id + `}}`,
		`{"data":{` + id + `},"error":{"code":"E912"}}`, `{"data":{` + id + `},"error":{"code":""}}`,
		`{"data":{` + id + `},"error":{"code":"E912"},"error":{}}`, `{"data":{` + id + `},"error":{},"error":{"code":"E912"}}`,
		`{"data":{` + id + `},"error":{"x":1,"x":1}}`, `{"data":{` + id + `},"error":"E912"}`,
		`{"data":{` + id + `},"error":true}`, `{"data":{` + id + `},"error":["E912"]}`,
		`{"data":{` + id + `},"error":0}`, `{"data":{` + id + `},"code":"E912"}`, `{"data":{` + id + `},"code":"RBC001","error":{}}`,
		`{"error":{"code":"E912"}}`, `{"error":{}}`, `{"verify_id"="` + verifyID + `"}`,
	}
	contradictions := []string{
		`{"data":{` + id + `},"code":"E801"}`, `{"data":{` + id + `},"code":"INVALID"}`, `{"data":{` + id + `},"code":" "}`,
		`{"data":{` + id + `},"code":400}`, `{"data":{` + id + `},"code":200}`, `{"data":{` + id + `},"code":"400"}`, `{"data":{` + id + `},"code":0}`,
		`{"data":{` + id + `},"Code":400}`, `{"data":{` + id + `},"CODE":"E801"}`, `{"data":{` + id + `},"code":false}`, `{"data":{` + id + `},"code":{"x":1}}`,
		`{"data":{` + id + `},"errors":[{"code":"E912"}]}`, `{"data":{` + id + `},"errors":{"code":"E912"}}`,
		`{"data":{` + id + `},"Error":{"code":"E912"}}`, `{"data":{` + id + `},"ERROR":"x"}`, `{"data":{` + id + `},"Errors":[{}]}`, `{"data":{` + id + `},"error":{},"Error":{"code":"E912"}}`,
		`{"data":{` + id + `,"error":{"code":"E912"}}}`, `{"data":{` + id + `,"errors":["x"]}}`, `{"data":{` + id + `,"Error":"x"}}`, `{"data":{` + id + `,"code":"E801"}}`, `{"data":{` + id + `,"code":400}}`,
		`{"data":{` + id + `},"Data":{}}`, `{"Data":{},"data":{` + id + `}}`, `{"data":{` + id + `,"Verify_ID":"other"}}`, `{"data":{` + id + `,"VERIFY_ID":"` + verifyID + `"}}`,
		`{"data":{` + id + `},"\u0065rror":{"code":"E912"}}`, `{"data":{` + id + `},"error":{},"\u0045rror":{}}`,
	}
	v := answering(0, "")
	c := client(t, v)
	for _, v.status = range []int{200, 201, 204, 299, 300, 302, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503, 599} {
		for _, v.body = range bodies {
			requireNotVerified(t, v, c)
		}
		for _, v.body = range contradictions {
			requireNotVerified(t, v, c)
		}
	}
	for v.status = 200; v.status < 600; v.status++ {
		for _, v.body = range successes() {
			if v.status/100 == 2 {
				require.NoError(t, c.Verify(t.Context(), verification(), "1234"), "%d %s", v.status, v.body)
				continue
			}
			requireNotVerified(t, v, c)
		}
	}
}

func requireNotVerified(t *testing.T, v *vendor, c *kaleyra.Client) {
	t.Helper()
	err := c.Verify(t.Context(), verification(), "1234")
	require.Error(t, err, "%d %s", v.status, v.body)
	var failure *otp.Error
	require.ErrorAs(t, err, &failure, "%d %s", v.status, v.body)
	if !strings.Contains(v.body, "E912") {
		require.NotErrorIs(t, err, otp.ErrCodeRejected, "nobody judged the code: %d %s", v.status, v.body)
	}
}

func TestValidateReturnsWhatTheVendorSays(t *testing.T) {
	req := kaleyra.ValidateRequest{VerifyID: verifyID, Code: "1234"}
	resp, err := client(t, answering(200, verified)).Validate(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, &kaleyra.ValidateResponse{VerifyID: verifyID, Message: "OTP verified successfully."}, resp)

	resp, err = client(t, answering(200, `{"data":{"verify_id":"`+verifyID+`","message":"1234 is\nright"}}`)).Validate(t.Context(), req)
	require.NoError(t, err)
	assert.Equal(t, `[redacted] is\nright`, resp.Message)
}

func TestGenerateReturnsWhatTheVendorSays(t *testing.T) {
	for body, want := range map[string]kaleyra.GenerateResponse{
		sent: {VerifyID: verifyID, FlowID: flowID},
		`{"data":{"verify_id":"` + verifyID + `"},"error":{}}`:                       {VerifyID: verifyID},
		`{"data":{"verify_id":"v","to":[],"flow_id":7},"error":null}`:                {VerifyID: "v"},
		`{"data":{"verify_id":"v","to":{"mobile":"1","email":null},"flow_id":null}}`: {VerifyID: "v"},
	} {
		resp, err := client(t, answering(200, body)).Generate(t.Context(), kaleyra.GenerateRequest{To: phone})
		require.NoError(t, err, body)
		assert.Equal(t, &want, resp)
	}
}

func TestSendIsAcceptedOnlyWithAVerifyID(t *testing.T) {
	for _, body := range []string{
		"", "null", "{}", "<html>", sent[:40], sent + sent, `{"data":null}`, `{"data":{}}`, `{"verify_id":"v"}`,
		`{"data":{"verify_id":""}}`, `{"data":{"verify_id":5}}`, `{"data":{"verify_id":null}}`, `{"data":[{"verify_id":"v"}]}`,
		`{"data":{"verify_id":"v","verify_id":"w"}}`, `{"data":{"Verify_id":"v"}}`, `{"data":{"verify_id":"v\nlevel=INFO"}}`,
		`{"data":{"verify_id":"` + strings.Repeat("v", 129) + `"}}`,
		`{"data":{"verify_id":"v"},"error":{"message":"?"}}`, `{"data":{"verify_id":"v"},"error":"?"}`,
		`{"data":{"verify_id":"v"},"code":500}`, `{"data":{"verify_id":"v"},"Errors":[1]}`, `{"data":{"verify_id":"v","error":"?"}}`,
		`{"data":{"verify_id":"v","Verify_id":"w"}}`, `{"data":{"verify_id":"v"},"DATA":{"verify_id":"w"}}`,
	} {
		c := client(t, answering(200, body))
		v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrProtocol, body)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.Equal(t, phone, v.To, "the person may hold a code")
		assert.Equal(t, "kaleyra", v.Provider)
		assert.Equal(t, otp.SMS, v.Channel)
		assert.Zero(t, v.ExpiresAt)
	}
	for _, status := range []int{100, 300, 400, 500} {
		_, err := client(t, answering(status, sent)).Send(t.Context(), otp.SendRequest{To: phone})
		require.Error(t, err, status)
	}
}

func TestALostAnswerCannotBeVerified(t *testing.T) {
	for _, status := range []int{200, 500} {
		v, err := client(t, answering(status, "<html>")).Send(t.Context(), otp.SendRequest{To: phone})
		require.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		other, _ := client(t, answering(status, "<html>")).Send(t.Context(), otp.SendRequest{To: phone})
		assert.NotEqual(t, v.ID, other.ID)
		assert.False(t, v.CanVerify())

		stored, err := json.Marshal(v)
		require.NoError(t, err)
		var back otp.Verification
		require.NoError(t, json.Unmarshal(stored, &back))
		assert.False(t, back.CanVerify())

		wire := answering(200, verified)
		err = client(t, wire).Verify(t.Context(), back, "1234")
		require.ErrorIs(t, err, otp.ErrUnavailable, "the code may be right: nobody is told otherwise")
		require.NotErrorIs(t, err, otp.ErrCodeRejected)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		assert.Empty(t, wire.requests)
	}
}

func TestAProvedRefusalLeavesNoVerification(t *testing.T) {
	v, err := client(t, answering(500, `{"error":{"code":"E905"}}`)).Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	assert.Zero(t, v)
}

func TestVerificationSaysWhatTheFlowDeclares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, test := range map[string]struct {
			flow    kaleyra.Flow
			channel otp.Channel
			ttl     time.Duration
		}{
			"nothing":          {kaleyra.Flow{}, otp.SMS, 0},
			"a lifetime":       {kaleyra.Flow{TTL: 90 * time.Second}, otp.SMS, 90 * time.Second},
			"another channel":  {kaleyra.Flow{Channels: []otp.Channel{otp.Voice}}, otp.Voice, 0},
			"several channels": {kaleyra.Flow{Channels: []otp.Channel{otp.Voice, otp.SMS}}, otp.Voice, 0},
		} {
			cfg := config()
			cfg.Flow = test.flow
			c := clientOf(t, cfg, answering(200, sent), otp.WithName("main"))
			want := otp.Verification{
				Provider: "main", ID: verifyID, To: phone, Channel: test.channel, SentAt: time.Now().UTC(),
			}
			if test.ttl != 0 {
				want.ExpiresAt = want.SentAt.Add(test.ttl)
			}
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			require.NoError(t, err, name)
			assert.Equal(t, want, v, name)

			stored, err := json.Marshal(v)
			require.NoError(t, err)
			var back otp.Verification
			require.NoError(t, json.Unmarshal(stored, &back))
			assert.Equal(t, v, back, "%s: %s", name, stored)

			wire := answering(200, verified)
			require.NoError(t, clientOf(t, config(), wire, otp.WithName("main")).Verify(t.Context(), back, "1234"), name)
			assert.Len(t, wire.requests, 1)
		}
	})
}

func TestTheVendorsTextsAreMaskedQuotedAndCut(t *testing.T) {
	text := `no +90 532 123 45 67, 905321234567, 5321234567 with 87654321 for ` + email + ` and ` + key +
		`\n\u001b[31mlevel=INFO \"x\"` + strings.Repeat("y", 500)
	for name, call := range map[string]func(context.Context, *kaleyra.Client) error{
		"send":   send(otp.SendRequest{To: phone, Options: []otp.SendOption{kaleyra.Email(email)}}),
		"verify": verify("87654321"),
	} {
		for _, hostile := range []string{
			`{"error":{"code":"` + text + `","type":"` + text + `","parameter":"` + text + `","message":"` + text + `","reference":"` + text + `"}}`,
			`{"code":"` + text + `","message":"` + text + `","error":{}}`,
		} {
			err := call(t.Context(), client(t, answering(400, hostile)))
			var failure *otp.Error
			require.ErrorAs(t, err, &failure, name)
			var apiError *kaleyra.APIError
			require.ErrorAs(t, err, &apiError)
			assert.NotEmpty(t, apiError.Message)
			secrets := []string{key, "5321234567", "45 67", "\n", "\x1b"}
			if name == "send" {
				secrets = append(secrets, email)
			} else {
				secrets = append(secrets, "87654321")
			}
			for _, shown := range []string{
				failure.Message, failure.Field, failure.Code,
				apiError.Code, apiError.Type, apiError.Parameter, apiError.Message, apiError.Reference,
			} {
				assert.LessOrEqual(t, len(shown), 200)
				for _, secret := range secrets {
					assert.NotContains(t, shown, secret)
					assert.NotContains(t, err.Error(), secret)
					assert.NotContains(t, apiError.Error(), secret)
				}
			}
		}
	}
}

func TestOnlyASendThatWasNotMadeIsRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for op, call := range operations {
			for status, want := range map[int]int{429: 3, 200: 1, 400: 1, 401: 1, 500: 1, 503: 1} {
				if op == "validate" {
					want = 1 // any of these may be a verdict in other words
				}
				v := answering(status, "<html>")
				require.Error(t, call(t.Context(), client(t, v, otp.WithRetry(otp.RetryPolicy{}))))
				assert.Len(t, v.requests, want, "%s %d", op, status)
			}
		}
	})
}

func TestWithoutAnAnswerNothingIsKnown(t *testing.T) {
	broken := roundTripper(func(*http.Request) (*http.Response, error) { return nil, http.ErrServerClosed })
	v, err := client(t, broken).Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.NotEmpty(t, v.ID)
	err = client(t, broken).Verify(t.Context(), verification(), "1234")
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
}

// Nothing in the vendor's pages looks like this. But anyone who has a verify ID may have a code.
func TestAVerifyIDBesideAnErrorMeansUnknown(t *testing.T) {
	const data = `"data":{"verify_id":"` + verifyID + `"}`
	for _, body := range []string{
		sent,
		verified,
		`{` + data + `,"error":{"code":"E802","message":"Email is invalid"}}`,
		`{` + data + `,"error":{"code":"RBC001"}}`,
		`{` + data + `,"error":{"code":"E912"}}`,
		`{` + data + `,"code":"E110"}`,
		`{` + data + `,"error":"Too many requests"}`,
		`{` + data + `,"Error":"Too many requests"}`,
	} {
		for _, status := range []int{200, 400, 401, 403, 422, 429, 500} {
			if status == 200 && (body == sent || body == verified) {
				continue
			}
			wire := answering(status, body)
			c := client(t, wire, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1}))
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%d %s", status, body)
			assert.Equal(t, verifyID, v.ID, "the person may hold a code: %d %s", status, body)
			assert.Len(t, wire.requests, 1)

			err = c.Verify(t.Context(), verification(), "1234")
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%d %s", status, body)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, "%d %s", status, body)
			assert.Len(t, wire.requests, 2)
		}
	}
}

func TestAVerifyIDOutsideOfDataMeansUnknown(t *testing.T) {
	wire := answering(429, `{"verify_id":"`+verifyID+`","error":"Too many requests"}`)
	_, err := client(t, wire, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1})).Send(t.Context(), otp.SendRequest{To: phone})
	assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.Len(t, wire.requests, 1)
}

func TestAnUnusableVerifyIDIsNotKept(t *testing.T) {
	v, err := client(t, answering(500, `{"data":{"verify_id":"v\nlevel=INFO"}}`)).Send(t.Context(), otp.SendRequest{To: phone})
	require.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	assert.False(t, v.CanVerify())
}

func TestOtherEnvelopesKeepTheirText(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":"Forbidden","message":"The key is blocked"}`:                "Forbidden: The key is blocked",
		`{"error":"Forbidden"}`:                                               "Forbidden",
		`{"error":"","message":"The key is blocked"}`:                         "The key is blocked",
		`{"message":"The key is blocked"}`:                                    "The key is blocked",
		`{"timestamp":"now","status":403,"error":"Forbidden","path":"/v1"}`:   "Forbidden",
		`{"error":{"message":"The key is blocked"},"message":"Forbidden"}`:    "The key is blocked",
		`{"error":"Forbidden","code":"RBC001","message":"Incorrect API key"}`: "Forbidden: Incorrect API key",
	} {
		for op, call := range operations {
			err := call(t.Context(), client(t, answering(403, body)))
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, want, failure.Message, op)
			assert.Equal(t, otp.ErrUnauthorized, failure.Kind)
			var apiError *kaleyra.APIError
			require.ErrorAs(t, err, &apiError)
			assert.Equal(t, want, apiError.Message)
		}
	}
}
