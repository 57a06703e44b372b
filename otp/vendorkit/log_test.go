package vendorkit_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// logged is what a log of one call says, by event, with the keys in their order.
func logged(t *testing.T, statuses ...int) (lines []string, keys map[string]string) {
	t.Helper()
	var log bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c := newClient(t, base, otp.WithLogger(logger), otp.WithRetry(otp.RetryPolicy{MinWait: time.Second, MaxWait: time.Second}),
			otp.WithHTTPClient(&http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
				next := statuses[0]
				statuses = statuses[1:]
				return status(next, "")(), nil
			})}))
		send := call(vendorkit.Send)
		send.Number, send.Code = "+905321234567", "394761"
		_ = c.Do(t.Context(), send)
	})
	assert.NotContains(t, log.String(), "905321234567")
	assert.NotContains(t, log.String(), "394761")
	keys = make(map[string]string)
	for line := range strings.Lines(log.String()) {
		var event struct{ Level, Msg, Outcome, Reason, Kind, To string }
		require.NoError(t, json.Unmarshal([]byte(line), &event))
		lines = append(lines, strings.TrimSpace(strings.Join([]string{
			event.Level, event.Msg, event.Outcome, event.Reason, event.Kind,
		}, " ")))
		assert.Equal(t, otp.Mask("+905321234567"), event.To)
		keys[event.Msg] = keysOf(line)
	}
	return lines, keys
}

var jsonKey = regexp.MustCompile(`[{,]"([a-z_]+)":`)

func keysOf(line string) string {
	var keys []string
	for _, match := range jsonKey.FindAllStringSubmatch(line, -1)[3:] { // after time, level and msg
		keys = append(keys, "`"+match[1]+"`")
	}
	return strings.Join(keys, " ")
}

func TestALogTellsOfAttemptsWaitsAndTheCall(t *testing.T) {
	lines, _ := logged(t, 429, 202)
	assert.Equal(t, []string{
		"DEBUG otp attempt not sent  rate_limited",
		"DEBUG otp wait  retry",
		"DEBUG otp attempt accepted",
		"DEBUG otp call accepted",
	}, lines)
	lines, _ = logged(t, 500)
	assert.Equal(t, []string{
		"DEBUG otp attempt unknown  unavailable",
		"WARN otp call unknown  unavailable",
	}, lines)
}

var eventRow = regexp.MustCompile("(?m)^\\| `(otp [a-z]+)` \\|[^|]*\\|[^|]*\\| (.*) \\|$")

func TestTheDocumentListsEveryEventWithItsKeys(t *testing.T) {
	document, err := os.ReadFile("../../docs/logging.md")
	require.NoError(t, err)
	documented := make(map[string]string)
	for _, row := range eventRow.FindAllStringSubmatch(string(document), -1) {
		documented[row[1]] = row[2]
	}
	_, keys := logged(t, 429, 500)
	assert.Equal(t, documented, keys)
}
