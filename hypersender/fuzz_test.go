package hypersender_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/otp"
)

// FuzzAnswers: no answer makes a call panic, verify without the documented success, or fail without
// a kind.
func FuzzAnswers(f *testing.F) {
	for _, body := range []string{
		requested, validated, linked, "", "{}", "null", "[]", "<html>", `{"message":"Unauthenticated."}`, `{"message":"Too Many Attempts."}`,
		`{"success":false,"message":"Invalid OTP code"}`, `{"success":true,"success":false,"data":{"status":"validated"}}`,
		`{"success":true,"data":{"status":"pending","status":"validated"}}`,
	} {
		for _, status := range []uint16{200, 201, 204, 302, 400, 404, 422, 500} {
			f.Add(status, []byte(body))
		}
	}
	file, err := os.ReadFile("testdata/errors.json")
	require.NoError(f, err)
	var samples []struct {
		Status uint16
		Body   json.RawMessage
	}
	require.NoError(f, json.Unmarshal(file, &samples))
	for _, sample := range samples {
		f.Add(sample.Status, []byte(sample.Body))
	}
	f.Fuzz(func(t *testing.T, status uint16, body []byte) {
		c := client(t, answering(int(status), string(body)))

		err := c.Verify(t.Context(), verification(), "123456")
		if err == nil {
			require.True(t, isDocumentedSuccess(status, body), "%d %s", status, body)
		}
		requireKind(t, err)

		v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		requireKind(t, err)
		requireWithheld(t, err)
		require.Equal(t, otp.OutcomeOf(err) == otp.OutcomeNotSent, v == otp.Verification{})

		link, err := c.GenerateLink(t.Context(), hypersender.GenerateLinkRequest{ChatID: chat})
		requireKind(t, err)
		requireWithheld(t, err)
		require.Equal(t, err != nil, link == nil)
	})
}

// isDocumentedSuccess is the rule of "validate-code" by other means than the client's: a decoder of
// types. It lets the last of two members of one name win, so it is a little too generous.
func isDocumentedSuccess(status uint16, body []byte) bool {
	var answer map[string]any
	if status/100 != 2 || json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &answer) != nil {
		return false
	}
	data, _ := answer["data"].(map[string]any)
	for name, value := range answer {
		isError := strings.EqualFold(name, "error") || strings.EqualFold(name, "errors")
		if isError && !slices.Contains([]string{"<nil>", "", "false", "[]", "map[]"}, fmt.Sprint(value)) {
			return false
		}
	}
	return answer["success"] == true && data["status"] == "validated"
}

// requireKind demands of an error what every error of a provider has.
func requireKind(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.NotEmpty(t, failure.Kind)
	require.Equal(t, "hypersender", failure.Provider)
	require.LessOrEqual(t, len(failure.Message), 200)
	require.LessOrEqual(t, len(failure.Field), 200)
	if failure.HTTPStatus/100 == 5 {
		require.NotErrorIs(t, err, otp.ErrCodeRejected)
	}
}

// withheld stands where a text may hold the code.
const withheld = "[withheld: it may hold the code]"

// requireWithheld demands that only a refusal shows the vendor's texts: any other answer may hold
// the code.
func requireWithheld(t *testing.T, err error) {
	t.Helper()
	if err == nil || otp.OutcomeOf(err) == otp.OutcomeNotSent {
		return
	}
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.Contains(t, []string{"", withheld}, failure.Message)
	var apiError *hypersender.APIError
	if !errors.As(err, &apiError) {
		return
	}
	texts := []string{apiError.Message}
	for _, item := range apiError.Errors {
		texts = append(texts, item.Message, item.Field)
	}
	for _, text := range texts {
		require.Contains(t, []string{"", withheld}, text)
	}
}
