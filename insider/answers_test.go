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

func TestVerifyIsNilForTheDocumentedSuccessAndNothingElse(t *testing.T) {
	bodies := []string{
		"", "{}", "null", "true", `"success"`, "[]", "<html><body>success</body></html>", `{"status":"succ`,
		success, success + success, success + "x", "\ufeff" + success,
		`{"status":"SUCCESS"}`, `{"status":"success "}`, `{"Status":"success"}`, `{"status":["success"]}`, `{"status":true}`,
		`{"status":null}`, `{"status":1}`, `{"status":"failed"}`, `{"status":"success","status":"failed"}`,
		`{"status":"failed","status":"success"}`, `{"status":"success","errors":[{"message":"invalid code"}]}`,
		`{"status":"success","Status":"failed"}`, `{"STATUS":"failed","status":"success"}`, `{"status":"success","statuſ":"failed"}`,
		`{"status":"success","Error":"invalid code"}`, `{"status":"success","\u0045rrors":[]}`, `{"status":"success","errors":null}`,
		`{"data":{"status":"success"}}`, `[{"status":"success"}]`, `{"errors":[{"message":"invalid code"}]}`,
	}
	for status := 200; status < 600; status++ {
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
	require.NoError(t, client(t, answering(202, success)).Verify(t.Context(), verification(), "1234"))
	require.NoError(t, client(t, answering(202, ` { "status" : "success" , "more" : 1 } `)).Verify(t.Context(), verification(), "1234"))
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

			v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.WhatsApp})
			require.NoError(t, err)
			assert.Equal(t, otp.Verification{
				Provider: "insider", ID: "whatsapp-12345", To: phone, Channel: otp.WhatsApp, ExpiresAt: created.Add(3 * time.Minute),
			}, v)
		})
	}
}

func TestAnAcceptedSendIsNotDoubtedForAnOddDetail(t *testing.T) {
	for _, body := range []string{
		`{"channel":"sms"}`,
		`{"channel":"sms","ttl":"180","maxAttempts":"x","dateCreated":5}`,
		`{"channel":"sms","ttl":-1,"dateCreated":"yesterday"}`,
		`{"channel":"sms","ttl":9223372036854775807,"dateCreated":"2023-07-28T14:40:41Z"}`,
	} {
		v, err := client(t, answering(202, body)).Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err, body)
		assert.True(t, v.ExpiresAt.IsZero(), "unknown is zero")
		assert.GreaterOrEqual(t, len(v.ID), 20, "SMS has no key: a random one")
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
