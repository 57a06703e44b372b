package otpotel_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// mostSeries is two vendor's worth of calling codes: one and seven, 44 of two digits, and at most
// ten for each of the 36 other pairs.
const mostSeries = 2 * (2 + 44 + 360 + 1)

func TestTenThousandPeopleMakeFewSeriesAndAreNotTold(t *testing.T) {
	p := otptest.NewProvider()
	watched, told := watch(t, p)
	random := rand.New(rand.NewPCG(1, 2))
	var canaries []string
	for range 10_000 {
		to := fmt.Sprintf("+%d%010d", 1+random.IntN(999), random.Int64N(1e10))
		code := fmt.Sprintf("%06d", random.IntN(1e6))
		if random.IntN(4) == 0 {
			p.FailSend(otp.Error{
				Kind: otp.ErrUnavailable, Outcome: otp.Outcome(random.IntN(3)), Message: to + code, Code: code, Field: to,
			})
		}
		req := otp.SendRequest{To: to, Channel: otp.Channel([]string{"", "sms", to}[random.IntN(3)]), Code: code}
		v, _ := watched.Send(t.Context(), req)
		forged := v
		forged.Provider, forged.Channel = v.ID+to, otp.Channel(to)
		_ = watched.Verify(t.Context(), forged, code)
		_ = watched.Verify(t.Context(), v, []string{code, to}[random.IntN(2)])
		if v.ID != "" {
			canaries = append(canaries, v.ID)
		}
		canaries = append(canaries, to, to[1:], code)
	}
	all := 0
	text := told.text(func(series int) { all += series })
	assert.Less(t, all, mostSeries+100)
	for _, canary := range canaries {
		if strings.Contains(text, canary) {
			require.Fail(t, "told", canary)
		}
	}
}

func TestWhatAClientWasGivenIsNotTold(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL},
		otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}))
	require.NoError(t, err)
	watched, told := watch(t, client)
	const typed = "837465"

	v, err := watched.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.WhatsApp})
	require.NoError(t, err)
	code, _ := srv.Code(number)
	require.ErrorIs(t, watched.Verify(t.Context(), v, typed), otp.ErrWrongCode)
	require.NoError(t, watched.Verify(t.Context(), v, code))
	srv.Fail(otpsim.Reply(500, fmt.Sprintf(`{"errors":[{"message":"%s %s %s","field":"%[1]s"}]}`, number, typed, srv.APIKey)))
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number, Code: typed})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	srv.Fail(otpsim.Reply(500, fmt.Sprintf(`{"errors":[{"message":"%s %s %s"}]}`, number, typed, srv.APIKey)))
	require.ErrorIs(t, watched.Verify(t.Context(), v, typed), otp.ErrUnavailable)

	text := told.text(nil)
	require.Contains(t, text, "+90")
	for _, canary := range []string{number, number[1:], "32123456", otp.Mask(number), code, typed, v.ID, srv.APIKey, "127.0.0.1"} {
		assert.NotContains(t, text, canary)
	}
}

// text is all that was told, every line once. The function is told of the number of series of each
// metric.
func (told *telemetry) text(count func(series int)) string {
	told.t.Helper()
	lines := make(map[string]bool)
	for _, m := range told.metrics() {
		if count != nil {
			count(len(points(m)))
		}
		lines[m.Name+m.Description+m.Unit] = true
		for _, p := range points(m) {
			lines[line(p.labels.ToSlice())] = true
		}
	}
	for _, s := range told.spans.GetSpans() {
		lines[s.Name+s.Status.Description+line(s.Attributes)+strings.Join(events(s), "\n")] = true
	}
	return strings.Join(slices.Collect(maps.Keys(lines)), "\n")
}
