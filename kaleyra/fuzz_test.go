package kaleyra_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

// FuzzAnswers: whatever the vendor answers, nothing panics, every failure says what it is and shows
// no secret, nobody is verified by anything but the documented success, and no verdict comes
// without one of the vendor's codes.
func FuzzAnswers(f *testing.F) {
	for _, sample := range samples(f) {
		for _, status := range sample.Statuses {
			f.Add(uint16(status), []byte(sample.Body))
		}
	}
	for _, status := range []uint16{200, 202, 204, 302, 400, 401, 404, 429, 500, 503} {
		for _, body := range append(successes(), sent, "", "null", "{}", "<html>", verified[:20], `{"error":[]}`) {
			f.Add(status, []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status uint16, body []byte) {
		status = 200 + status%400
		c := client(t, answering(int(status), string(body)))
		said := understood(body)

		v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Options: []otp.SendOption{kaleyra.Email(email)}})
		if err == nil {
			require.Equal(t, said.verifyID, v.ID)
			require.True(t, status < 300 && said.noError && v.ID != "")
		} else {
			failure := requireFailure(t, err, email)
			require.NotEqual(t, otp.OutcomeAccepted, failure.Outcome)
			require.Equal(t, failure.Outcome == otp.OutcomeNotSent, v == otp.Verification{})
			require.False(t, failure.Kind.Is(otp.ErrCodeRejected))
		}

		err = c.Verify(t.Context(), verification(), typed)
		if err == nil {
			require.True(t, status < 300 && said.noError && said.verifyID == verifyID, "%d %s", status, body)
			return
		}
		failure := requireFailure(t, err, typed)
		if failure.Kind.Is(otp.ErrCodeRejected) {
			require.Contains(t, "E803 E903 E909 E910 E911 E912 E913 E914", said.code)
			require.NotEmpty(t, said.code)
			require.Equal(t, otp.OutcomeAccepted, failure.Outcome)
		}
	})
}

const typed = "Zq7Xv9Kp"

func requireFailure(t *testing.T, err error, secret string) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	require.NotEmpty(t, failure.Kind)
	for _, text := range []string{err.Error(), fmt.Sprintf("%+v %#v", failure, failure.Err)} {
		for _, secret := range []string{key, secret, phone[1:]} {
			require.NotContains(t, text, secret)
		}
	}
	return failure
}

// answer is what a reader who is less strict than the client makes of a body.
type answer struct {
	verifyID, code string
	noError        bool
}

func understood(body []byte) answer {
	var all map[string]any
	if json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &all) != nil {
		return answer{}
	}
	data, _ := all["data"].(map[string]any)
	failure, _ := all["error"].(map[string]any)
	said := answer{noError: true}
	for _, object := range []map[string]any{all, data} {
		for name, value := range object {
			switch strings.ToLower(name) {
			case "error", "errors":
				said.noError = said.noError && slices.Contains([]string{"<nil>", "", "false", "[]", "map[]"}, fmt.Sprint(value))
			case "code":
				said.noError = said.noError && (value == nil || value == "")
			}
		}
	}
	said.verifyID, _ = data["verify_id"].(string)
	if said.code, _ = failure["code"].(string); said.code == "" {
		said.code, _ = all["code"].(string)
	}
	return said
}
