package smsfactor_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// FuzzAnswers: whatever is answered, nothing panics, nobody is let in but by the documented
// success, and every error says what kind it is and shows no secret.
func FuzzAnswers(f *testing.F) {
	for _, status := range []int{200, 201, 302, 400, 401, 404, 429, 500} {
		for _, body := range []string{
			"", "null", "{}", "[]", "<html>", success, sent, success + success, `{"code":0,"code":199}`, `{"code":"0"}`,
			`{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":3}`,
			`{"code":194,"message":"At least phone number or request token is mandatory."}`,
			`{"code":"104","message":"` + phone + " " + login + " " + key + `\n"}`, `{"code":1e400,"remaining_number_of_attempts":-1}`,
		} {
			f.Add(status, body)
		}
	}
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := client(t, answering(status, body))

		err := c.Verify(t.Context(), verification(), "87654321")
		if err == nil {
			require.True(t, isDocumentedSuccess(status, body), "%d %q", status, body)
		} else {
			requireSound(t, err)
		}

		v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		switch otp.OutcomeOf(err) {
		case otp.OutcomeNotSent:
			require.Zero(t, v)
		default:
			require.NotEmpty(t, v.ID)
			require.Equal(t, phone, v.To)
		}
		if err != nil {
			require.NotErrorIs(t, err, otp.ErrCodeRejected)
			requireSound(t, err)
		}
	})
}

// isDocumentedSuccess reads the answer in another way than the client does.
func isDocumentedSuccess(status int, body string) bool {
	var members map[string]json.RawMessage
	if status < 200 || status > 299 || json.Unmarshal([]byte(strings.TrimPrefix(body, "\ufeff")), &members) != nil {
		return false
	}
	isZero := func(code json.RawMessage) bool { return string(code) == "0" || string(code) == `"0"` }
	for name, value := range members {
		if strings.EqualFold(name, "code") && !isZero(value) {
			return false
		}
	}
	return isZero(members["code"])
}

func requireSound(t *testing.T, err error) {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.NotEmpty(t, failure.Kind)
	require.LessOrEqual(t, len(failure.Message), 200)
	for _, text := range []string{err.Error(), failure.Message, failure.Field, failure.Code} {
		for _, secret := range []string{key, login, "11223344", "\n", "\x1b"} {
			require.False(t, strings.Contains(text, secret), "%q", text)
		}
	}
}
