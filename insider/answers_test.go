package insider_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

// operations has one valid call of every operation, and what its success looks like.
var operations = map[string]struct {
	status int
	answer string
	call   func(context.Context, *insider.Client) error
}{
	"generate": {202, sentSMS, native((*insider.Client).Generate, insider.GenerateRequest{To: phone})},
	"check":    {202, success, native((*insider.Client).Check, insider.CheckRequest{To: phone, Code: "4321"})},
	"create_channel": {201, success, native((*insider.Client).CreateChannel,
		insider.CreateChannelRequest{Channel: otp.WhatsApp})},
	"update_channel": {202, success, native((*insider.Client).UpdateChannel,
		insider.UpdateChannelRequest{BrandName: "Brand"})},
	"create_template": {202, success, native((*insider.Client).CreateTemplate,
		insider.CreateTemplateRequest{Locale: "en", TemplateName: "t"})},
	"update_template": {202, success, native((*insider.Client).UpdateTemplate,
		insider.UpdateTemplateRequest{Channel: otp.WhatsApp, Locale: "en", TemplateName: "t"})},
	"list_templates": {200, `{"templates":{}}`, native((*insider.Client).ListTemplates, insider.ListTemplatesRequest{})},
}

func TestEveryDocumentedErrorHasItsKindAndOutcome(t *testing.T) {
	file, err := os.ReadFile("testdata/errors.json")
	require.NoError(t, err)
	var samples []struct {
		Op, Kind, Outcome, Field string
		Status                   int
		Body                     json.RawMessage
	}
	require.NoError(t, json.Unmarshal(file, &samples))
	for _, sample := range samples {
		t.Run(sample.Op+" "+strconv.Itoa(sample.Status)+" "+sample.Kind, func(t *testing.T) {
			c := client(t, answering(sample.Status, string(sample.Body)))
			err := operations[sample.Op].call(t.Context(), c)

			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			require.ErrorIs(t, err, otp.Kind(sample.Kind))
			assert.Equal(t, sample.Outcome, failure.Outcome.String())
			assert.Equal(t, sample.Field, failure.Field)
			assert.Equal(t, sample.Status, failure.HTTPStatus)
			assert.Equal(t, "insider", failure.Provider)
			assert.Equal(t, sample.Op, failure.Op)

			var envelope struct{ Errors []insider.ErrorItem }
			require.NoError(t, json.Unmarshal(sample.Body, &envelope))
			var apiError *insider.APIError
			require.ErrorAs(t, err, &apiError)
			assert.Equal(t, &insider.APIError{HTTPStatus: sample.Status, Errors: envelope.Errors}, apiError)
		})
	}
}

func TestErrorsReadLikeSentences(t *testing.T) {
	for status, test := range map[int]struct{ body, verify, send string }{
		401: {
			`{"errors":[{"message":"invalid code"}]}`,
			"insider: verify: wrong code (401)",
			`insider: send: unauthorized (401): "invalid code"`,
		},
		500: {
			`<html>`,
			"insider: verify: unavailable (500), outcome unknown",
			"insider: send: unavailable (500), outcome unknown",
		},
	} {
		c := client(t, answering(status, test.body))
		require.EqualError(t, c.Verify(t.Context(), verification(), "1234"), test.verify)
		_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		require.EqualError(t, err, test.send)
	}
}

func TestOnlyTheDocumentedSuccessVerifies(t *testing.T) {
	bodies := []string{
		"", "{}", "null", "true", `"success"`, "[]", "<html><body>success</body></html>", `{"status":"succ`,
		success, success + success, success + "x",
		`{"status":"SUCCESS"}`, `{"status":"success "}`, `{"Status":"success"}`, `{"status":["success"]}`, `{"status":true}`,
		`{"status":null}`, `{"status":1}`, `{"status":"failed"}`, `{"status":"success","status":"failed"}`,
		`{"status":"failed","status":"success"}`, `{"status":"success","errors":[{"message":"invalid code"}]}`,
		`{"status":"success","Status":"failed"}`, `{"STATUS":"failed","status":"success"}`, `{"status":"success","statuſ":"failed"}`,
		`{"status":"success","Error":"invalid code"}`, `{"status":"success","\u0045rrors":["x"]}`,
		`{"data":{"status":"success"}}`, `[{"status":"success"}]`, `{"errors":[{"message":"invalid code"}]}`,
	}
	for status := 200; status < 600; status++ {
		if http.StatusText(status) == "" && status%100 != 99 {
			continue // of those that nobody has named, the last of each hundred will do
		}
		for _, body := range bodies {
			if status == http.StatusAccepted && body == success {
				continue
			}
			err := client(t, answering(status, body)).Verify(t.Context(), verification(), "1234")
			require.Error(t, err, "%d %s", status, body)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure, "%d %s", status, body)
			if status >= 500 {
				require.NotErrorIs(t, err, otp.ErrCodeRejected, "an outage must not be told to a person as a wrong code: %d %s", status, body)
			}
		}
	}
	for _, body := range []string{
		success, ` { "status" : "success" , "more" : 1 } `, "\ufeff" + success,
		`{"status":"success","errors":null}`, `{"status":"success","errors":[]}`, `{"status":"success","error":""}`,
	} {
		require.NoError(t, client(t, answering(202, body)).Verify(t.Context(), verification(), "1234"), body)
	}
}

func TestSendIsAcceptedOnlyWithTheDocumentedSuccess(t *testing.T) {
	for _, test := range []struct {
		status int
		body   string
	}{
		{202, ""},
		{202, "null"},
		{202, "{}"},
		{202, "<html>"},
		{202, sentSMS[:40]},
		{202, sentWhatsApp},
		{202, `{"channel":"sms","channel":"sms"}`},
		{202, `{"channel":"sms","Channel":"whatsapp"}`},
		{202, `{"Channel":"whatsapp","channel":"sms"}`},
		{202, `{"channel":"sms","ttl":180,"TTL":60}`},
		{202, `{"channel":"sms","errors":[{"message":"server error"}]}`},
		{202, `{"channel":"sms","Error":"server error"}`},
		{200, sentSMS},
		{201, sentSMS},
	} {
		v, err := client(t, answering(test.status, test.body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.ErrorIs(t, err, otp.ErrProtocol)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.Equal(t, phone, v.To, "the person may hold a code")
		assert.Equal(t, "insider", v.Provider)
		assert.NotEmpty(t, v.ID)
	}
}

func TestSendReadsBothSpellings(t *testing.T) {
	created := time.Date(2023, 7, 28, 14, 40, 41, 0, time.UTC)
	for name, body := range map[string]string{
		"hyphens":    sentWhatsApp,
		"camel case": `{"key":"whatsapp-12345","channel":"whatsapp","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:42Z","locale":"en","maxAttempts":3,"ttl":180}`,
	} {
		t.Run(name, func(t *testing.T) {
			c := client(t, answering(202, body))
			resp, err := c.Generate(t.Context(), insider.GenerateRequest{To: phone, Channel: otp.WhatsApp})
			require.NoError(t, err)
			assert.Equal(t, &insider.GenerateResponse{
				Key: "whatsapp-12345", Channel: otp.WhatsApp, Locale: "en", MaxAttempts: 3, TTL: 180 * time.Second,
				CreatedAt: created, UpdatedAt: created.Add(time.Second),
			}, resp)

			before := time.Now()
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.WhatsApp})
			require.NoError(t, err)
			assert.WithinRange(t, v.SentAt, before.Add(-time.Second), time.Now())
			assert.Equal(t, 3*time.Minute, v.ExpiresAt.Sub(v.SentAt), "the vendor's lifetime on our clock")
			v.SentAt, v.ExpiresAt = time.Time{}, time.Time{}
			assert.Equal(t, otp.Verification{Provider: "insider", ID: "whatsapp-12345", To: phone, Channel: otp.WhatsApp}, v)
		})
	}
}

func TestAnAcceptedSendIsNotDoubtedForAnOddDetail(t *testing.T) {
	for _, body := range []string{
		`{"channel":"sms"}`,
		`{"channel":"sms","errors":[],"error":null}`,
		`{"channel":"sms","ttl":"180","maxAttempts":"x","dateCreated":5}`,
		`{"channel":"sms","ttl":-1,"dateCreated":"yesterday"}`,
		`{"channel":"sms","ttl":9223372036854775807,"dateCreated":"2023-07-28T14:40:41+24:00"}`,
	} {
		v, err := client(t, answering(202, body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err, body)
		assert.Equal(t, 5*time.Minute, v.ExpiresAt.Sub(v.SentAt), "what was asked for")
		assert.GreaterOrEqual(t, len(v.ID), 20, "SMS has no key: a random one")
		assert.False(t, v.HasReference())
		assert.True(t, v.CanVerify(), "by the number")
	}
}

func TestANumberThatCannotBeMeantIsNotSaid(t *testing.T) {
	for _, n := range []string{`92233720368547758080`, `1.5`, `1e1`, `"3"`, `null`, `[3]`, `{}`, `true`} {
		body := `{"channel":"sms","maxAttempts":` + n + `,"ttl":` + n + `}`
		resp, err := client(t, answering(202, body)).Generate(t.Context(), insider.GenerateRequest{To: phone})
		require.NoError(t, err, body)
		assert.Equal(t, &insider.GenerateResponse{Channel: otp.SMS}, resp, body)
	}
}

func TestADateThatCannotBeMeantIsNotSaid(t *testing.T) {
	for _, date := range []string{"9999-12-31T23:59:59Z", "2023-07-28", "yesterday", ""} {
		body := `{"channel":"sms","dateCreated":"` + date + `"}`
		resp, err := client(t, answering(202, body)).Generate(t.Context(), insider.GenerateRequest{To: phone})
		require.NoError(t, err, body)
		assert.Equal(t, &insider.GenerateResponse{Channel: otp.SMS}, resp, body)
	}
}

func TestListTemplates(t *testing.T) {
	body := `{"templates":{"whatsapp":[{"locale":"en","text":"","templateName":"sample_otp_template_1"}],
		"sms":[{"locale":"de","text":"Ihr {brandName} Bestätigungscode lautet: {code}"}]}}`
	resp, err := client(t, answering(200, body)).ListTemplates(t.Context(), insider.ListTemplatesRequest{})
	require.NoError(t, err)
	assert.Equal(t, map[otp.Channel][]insider.Template{
		otp.WhatsApp: {{Locale: "en", TemplateName: "sample_otp_template_1"}},
		otp.SMS:      {{Locale: "de", Text: "Ihr {brandName} Bestätigungscode lautet: {code}"}},
	}, resp.Templates)

	for _, body := range []string{"", "{}", "null", `{"templates":null}`, `{"templates":[]}`, "<html>"} {
		_, err := client(t, answering(200, body)).ListTemplates(t.Context(), insider.ListTemplatesRequest{})
		require.ErrorIs(t, err, otp.ErrProtocol, body)
	}
}

func TestTheVendorsTextsAreMaskedQuotedAndCut(t *testing.T) {
	hostile := `{"errors":[{"message":"no +90 532 123 45 67, 905321234567, 5321234567 with 87654321 and ` + key +
		`\n\u001b[31mlevel=INFO \"x\"` + strings.Repeat("y", 500) + `","field":"` + key + `"}]}`
	for name, call := range map[string]func(context.Context, *insider.Client) error{
		"send":   send(otp.SendRequest{To: phone, Code: "87654321"}),
		"verify": verify("87654321"),
	} {
		err := call(t.Context(), client(t, answering(400, hostile)))
		var failure *otp.Error
		require.ErrorAs(t, err, &failure, name)
		assert.LessOrEqual(t, len(failure.Message), 200)
		var apiError *insider.APIError
		require.ErrorAs(t, err, &apiError)
		for _, text := range []string{err.Error(), failure.Message, failure.Field, apiError.Error(), apiError.Errors[0].Field} {
			for _, secret := range []string{key, "87654321", "5321234567", "45 67", "\n", "\x1b"} {
				assert.NotContains(t, text, secret)
			}
		}
	}
}

func TestAllElementsOfErrorsAreKept(t *testing.T) {
	body := `{"errors":[{"message":"a","field":"ttl"},{"message":"b","field":"to"},{"message":"c"}]}`
	_, err := client(t, answering(400, body)).Send(t.Context(), otp.SendRequest{To: phone})
	var apiError *insider.APIError
	require.True(t, errors.As(err, &apiError))
	assert.Equal(t, []insider.ErrorItem{{"a", "ttl"}, {"b", "to"}, {"c", ""}}, apiError.Errors)
	require.ErrorIs(t, err, otp.ErrInvalidRecipient, "any element may name the recipient")
	assert.Equal(t, `HTTP 400: "a" (ttl): "b" (to): "c"`, apiError.Error())
}

// A refusal that carries anything of the vendor's success may come from a proxy, for a request that
// was done.
func TestASignOfSuccessMakesTheOutcomeUnknown(t *testing.T) {
	limit := `"errors":[{"message":"rate limit exceeded"}]`
	succeeded := []string{
		success, `{"status":"Success",` + limit + `}`, `{"status":"success",` + limit + `}`,
		`{"status":"success","errors":[{"message":"unauthorized"}]}`, `{"status":"success","errors":[{"message":"invalid code"}]}`,
		`{"status":"failed","status":"success",` + limit + `}`,
	}
	for op, bodies := range map[string][]string{
		"check": succeeded, "update_channel": succeeded,
		"generate": append([]string{
			sentSMS, sentWhatsApp, `{"channel":"whatsapp"}`, `{"ttl":180,` + limit + `}`, `{"key":"whatsapp-1",` + limit + `}`,
			`{"dateCreated":"2023-07-28T14:40:41Z",` + limit + `}`,
		}, succeeded...),
	} {
		for _, body := range bodies {
			for _, status := range []int{400, 401, 403, 404, 409, 422, 429} {
				v := answering(status, body)
				err := operations[op].call(t.Context(), client(t, v, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1})))
				require.Error(t, err)
				assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%s %d %s: %v", op, status, body, err)
				require.NotErrorIs(t, err, otp.ErrCodeRejected, "%s %d %s", op, status, body)
				assert.Len(t, v.requests, 1)
			}
		}
	}
}

// Only the messages of the vendor's pages, in the pages' form and under their status, say what
// happened.
func TestAVerdictNeedsTheDocumentedWords(t *testing.T) {
	for status, bodies := range map[int][]string{
		400: {
			`{"errors":[{"message":"invalid code"}]}`, `{"errors":[{"message":"bad request"}]}`, `{"errors":[{"message":"x","field":"code"}]}`,
			`{"errors":[{"message":"x","field":"otp"}]}`, `{"errors":[{"message":"x","field":"Code"}]}`,
			`{"errors":[{"message":"invalid code","field":"to"}]}`,
		},
		401: {
			`{"errors":[{"message":"invalid code."}]}`, `{"errors":[{"message":"the code is invalid"}]}`, `{"errors":["invalid code"]}`,
			`{"error":"invalid code"}`, `{"message":"invalid code"}`, `{"error":"unauthorized"}`, `{"message":"Unauthorized"}`,
			`{"errors":["unauthorized"]}`, `{"errors":[{"message":"unauthorized."}]}`, ``, `{}`, `<html>`,
			`{"errors":[{"message":"unauthorized"},{"message":"invalid code."}]}`,
			`{"errors":[{"message":"unauthorized"}],"message":"invalid code."}`,
			`{"errors":{"message":"invalid code"}}`, `{"errors":{"message":"unauthorized"}}`,
		},
		403: {`{"errors":[{"message":"invalid code"}]}`, `{"errors":[{"message":"forbidden"}]}`, `{"error":"Request limit exceeded"}`},
		404: {`{"errors":[{"message":"code not found."}]}`, `{"message":"code not found"}`, `{"errors":[{"message":"not found"}]}`},
		409: {`{"errors":[{"message":"invalid code"}]}`},
		422: {`{"errors":[{"message":"invalid code."}]}`, `{"errors":[{"message":"invalid number","field":"to"}]}`},
		429: {
			`{"errors":[{"message":"maximum attempts exceeded."}]}`, `{"errors":[{"message":"too many requests"}]}`, ``,
			`{"error":"rate limit exceeded"}`, `{"errors":[{"message":"rate limit exceeded"},{"message":"maximum attempts"}]}`,
		},
	} {
		for _, body := range bodies {
			v := answering(status, body)
			err := client(t, v, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1})).Verify(t.Context(), verification(), "1234")
			require.Error(t, err)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, "%d %s", status, body)
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%d %s: %v", status, body, err)
			assert.Len(t, v.requests, 1, "an attempt may be spent")
		}
	}
}

func TestTextsOfOtherEnvelopesAreKept(t *testing.T) {
	for body, want := range map[string]string{
		`{"error":"Forbidden"}`:                                  "Forbidden",
		`{"error":{"message":"Forbidden"}}`:                      "Forbidden",
		`{"success":false,"message":"Forbidden"}`:                "Forbidden",
		`{"errors":["Forbidden","again"]}`:                       "Forbidden",
		`{"errors":"Forbidden"}`:                                 "Forbidden",
		`{"errors":{"message":"Forbidden"}}`:                     "Forbidden",
		`{"errors":[{"message":"Forbidden"}],"message":"again"}`: "Forbidden",
	} {
		for name, call := range map[string]func(context.Context, *insider.Client) error{
			"send": send(otp.SendRequest{To: phone}), "verify": verify("1234"), "setup": operations["create_channel"].call,
		} {
			err := call(t.Context(), client(t, answering(403, body)))
			require.ErrorIs(t, err, otp.ErrUnauthorized, "%s %s", name, body)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, want, failure.Message, "%s %s", name, body)
			var apiError *insider.APIError
			require.ErrorAs(t, err, &apiError)
			assert.Equal(t, want, apiError.Errors[0].Message)
		}
	}
}

func TestARequestLimitMayBeA403(t *testing.T) {
	for _, body := range []string{
		`{"errors":[{"message":"Request limit exceeded"}]}`, `{"error":"request limit reached"}`, `{"message":"Too Many Requests"}`,
		`{"errors":["API rate limit exceeded"]}`,
	} {
		err := send(otp.SendRequest{To: phone})(t.Context(), client(t, answering(403, body)))
		require.ErrorIs(t, err, otp.ErrRateLimited, body)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	}
	for _, body := range []string{`{"message":"your plan is limited"}`, `{"message":"forbidden"}`} {
		err := send(otp.SendRequest{To: phone})(t.Context(), client(t, answering(403, body)))
		require.ErrorIs(t, err, otp.ErrUnauthorized, body)
	}
}

// One number's lock must not stop the sends to all others.
func TestALockedNumberPausesNobodyElse(t *testing.T) {
	v := answering(429, `{"errors":[{"message":"maximum attempts exceeded","field":"code"}]}`)
	v.header = http.Header{"Retry-After": {"30"}}
	c := client(t, v, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1}))
	for range 2 {
		require.ErrorIs(t, send(otp.SendRequest{To: phone})(t.Context(), c), otp.ErrRateLimited)
	}
	assert.Len(t, v.requests, 2, "neither repeated nor held back")
}

func TestTheKeyOfAFailureIsKept(t *testing.T) {
	for status, body := range map[int]string{
		500: sentWhatsApp,
		502: `{"key":"whatsapp-12345","errors":[{"message":"server error"}]}`,
		400: `{"key":"whatsapp-12345"}`,
	} {
		v, err := client(t, answering(status, body)).Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.WhatsApp})
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
		assert.Equal(t, "whatsapp-12345", v.ID, "%d %s", status, body)
	}
}

func TestAnEndlessListOfErrorsIsCut(t *testing.T) {
	item := `{"message":"` + strings.Repeat("no, ", 60) + `","field":"to"},`
	body := `{"errors":[` + strings.TrimSuffix(strings.Repeat(item, 1<<20/len(item)-1), ",") + `]}`
	for name, call := range map[string]func(context.Context, *insider.Client) error{
		"send": send(otp.SendRequest{To: phone, Code: "87654321"}), "verify": verify("87654321"),
	} {
		start := time.Now()
		err := call(t.Context(), client(t, answering(500, body)))
		assert.Less(t, time.Since(start), 2*time.Second, name)
		assert.Less(t, len(err.Error()), 2000)
		var apiError *insider.APIError
		require.ErrorAs(t, err, &apiError)
		assert.Len(t, apiError.Errors, 100)
		assert.Regexp(t, `, and 97 more$`, apiError.Error())
	}
}

func TestURLsInTextsAreCutToTheirHost(t *testing.T) {
	callback := "https://shop.example/events?secret=canary"
	body := `{"errors":[{"message":"Callback URL ` + callback + ` is not valid","field":"callback"}]}`
	err := send(otp.SendRequest{To: phone, Options: []otp.SendOption{insider.Callback(callback)}})(
		t.Context(), client(t, answering(400, body)))
	require.ErrorContains(t, err, "Callback URL https://shop.example is not valid")
	assert.NotContains(t, err.Error(), "canary")
}
