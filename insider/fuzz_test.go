package insider_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

// FuzzAnswers: whatever the vendor answers, nothing panics, every failure says what it is and shows
// no secret, nobody is verified by anything but the documented success, and no verdict comes
// without one of the vendor's messages.
func FuzzAnswers(f *testing.F) {
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
	for _, status := range []uint16{200, 202, 204, 302, 401, 404, 422, 429, 500} {
		for _, body := range []string{"", "null", "{}", "<html>", success, sentSMS, sentWhatsApp, success[:9], `{"errors":[]}`, `{"errors":{}}`} {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, body []byte) {
		status = 200 + status%400
		c := client(t, answering(int(status), string(body)))

		v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		if err == nil {
			require.EqualValues(t, 202, status)
			require.NotEmpty(t, v.ID)
			_, unmarshallable := json.Marshal(v)
			require.NoError(t, unmarshallable)
		} else {
			failure := requireFailure(t, err)
			require.NotEqual(t, otp.OutcomeAccepted, failure.Outcome)
			require.Equal(t, failure.Outcome == otp.OutcomeNotSent, v == otp.Verification{})
			require.False(t, failure.Kind.Is(otp.ErrCodeRejected))
		}

		err = c.Verify(t.Context(), verification(), typed)
		if err == nil {
			var members map[string]any
			require.NoError(t, json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &members))
			require.EqualValues(t, 202, status)
			require.Equal(t, "success", members["status"])
			for name, value := range members {
				if strings.EqualFold(name, "error") || strings.EqualFold(name, "errors") {
					require.Contains(t, []any{nil, false, "", []any{}, map[string]any{}}, value)
				}
			}
			return
		}
		if failure := requireFailure(t, err); failure.Kind.Is(otp.ErrCodeRejected) {
			require.Equal(t, otp.OutcomeAccepted, failure.Outcome)
			require.Contains(t, []int{401, 404, 422, 429}, failure.HTTPStatus)
		}
		_, err = c.ListTemplates(t.Context(), insider.ListTemplatesRequest{})
		if err != nil {
			_ = requireFailure(t, err)
		}
	})
}

const typed = "90817263"

func requireFailure(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.NotEmpty(t, failure.Kind)
	for form, text := range printed(err) {
		for _, secret := range []string{key, typed, phone[1:]} {
			require.NotContains(t, text, secret, form)
		}
	}
	return failure
}
