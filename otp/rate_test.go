package otp_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

func TestParseRate(t *testing.T) {
	cases := []struct {
		text string
		want otp.Rate
		back string
	}{
		{"250/1m", otp.Rate{Events: 250, Per: time.Minute}, "250/1m"},
		{"250/m", otp.Rate{Events: 250, Per: time.Minute}, "250/1m"},
		{"750/s", otp.Rate{Events: 750, Per: time.Second}, "750/1s"},
		{"750/1s", otp.Rate{Events: 750, Per: time.Second}, "750/1s"},
		{"1/h", otp.Rate{Events: 1, Per: time.Hour}, "1/1h"},
		{"10/ms", otp.Rate{Events: 10, Per: time.Millisecond}, "10/1ms"},
		{"10/1h30m", otp.Rate{Events: 10, Per: 90 * time.Minute}, "10/1h30m"},
		{"10/90m", otp.Rate{Events: 10, Per: 90 * time.Minute}, "10/1h30m"},
		{"10/m30s", otp.Rate{Events: 10, Per: 90 * time.Second}, "10/1m30s"},
		{"10/60s", otp.Rate{Events: 10, Per: time.Minute}, "10/1m"},
		{"10/10m", otp.Rate{Events: 10, Per: 10 * time.Minute}, "10/10m"},
		{"10/1h10m", otp.Rate{Events: 10, Per: 70 * time.Minute}, "10/1h10m"},
		{"10/20h", otp.Rate{Events: 10, Per: 20 * time.Hour}, "10/20h"},
		{"1000/24h", otp.Rate{Events: 1000, Per: 24 * time.Hour}, "1000/24h"},
		{"10/1h0m10s", otp.Rate{Events: 10, Per: time.Hour + 10*time.Second}, "10/1h0m10s"},
		{"10/1.5s", otp.Rate{Events: 10, Per: 1500 * time.Millisecond}, "10/1.5s"},
		{"10/0.5s", otp.Rate{Events: 10, Per: 500 * time.Millisecond}, "10/500ms"},
		{"1/1ns", otp.Rate{Events: 1, Per: 1}, "1/1ns"},
		{"unlimited", otp.Rate{}, "unlimited"},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			rate, err := otp.ParseRate(c.text)
			require.NoError(t, err)
			assert.Equal(t, c.want, rate)
			assert.Equal(t, c.back, rate.String())
		})
	}
}

func TestParseRateRefuses(t *testing.T) {
	for _, text := range []string{
		"", " ", "/", "250", "250/", "/1m", "/", "0/0", "0/0s", "0/1m", "250/0", "250/0s", "-1/1m", "250/-1m", "-1/-1m",
		"250/1", "250/60", "250 / 1m", " 250/1m", "250/1m ", "250/1m\n", "250/ 1m", "2.5/1m", "1e3/1m", "0x10/1m", "1_000/1m",
		"1,000/1m", "250/1d", "250/1 minute", "250/min", "250/minute", "250/1m/1s", "250/+1m", "250per1m", "m/250", "1m/250",
		"unlimited ", "Unlimited", "none", "0", "99999999999999999999/1m", "250/99999999999h", "٢٥٠/1m", "250/∞",
	} {
		t.Run(text, func(t *testing.T) {
			rate, err := otp.ParseRate(text)
			require.EqualError(t, err, `otp: a rate must read like "250/1m", or "unlimited"`)
			assert.Zero(t, rate)
		})
	}
}

// brokenRates are half set, or negative.
var brokenRates = []otp.Rate{
	{Events: 250},
	{Per: time.Minute},
	{Events: -1},
	{Per: -time.Minute},
	{Events: -1, Per: time.Minute},
	{Events: 250, Per: -time.Minute},
	{Events: -1, Per: -time.Minute},
	{Events: math.MinInt, Per: math.MinInt64},
}

func TestBrokenRateHasNoText(t *testing.T) {
	for _, rate := range brokenRates {
		text, err := rate.MarshalText()
		require.Error(t, err, rate)
		assert.Empty(t, text)
		assert.Contains(t, err.Error(), "both parts must be positive, or both zero for no limit")
	}
}

func TestUnmarshalErrorKeepsTheOldRate(t *testing.T) {
	rate := otp.Rate{Events: 250, Per: time.Minute}
	require.Error(t, rate.UnmarshalText([]byte("250/0s")))
	assert.Equal(t, otp.Rate{Events: 250, Per: time.Minute}, rate)
}

func TestRateIsTextInJSON(t *testing.T) {
	type config struct {
		Send   otp.Rate  `json:"send"`
		Verify *otp.Rate `json:"verify,omitempty"`
	}
	written, err := json.Marshal(config{Send: otp.Rate{Events: 250, Per: time.Minute}, Verify: &otp.Rate{}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"send":"250/1m","verify":"unlimited"}`, string(written))

	var read config
	require.NoError(t, json.Unmarshal(written, &read))
	assert.Equal(t, config{Send: otp.Rate{Events: 250, Per: time.Minute}, Verify: &otp.Rate{}}, read)

	require.Error(t, json.Unmarshal([]byte(`{"send":""}`), &read))
	require.Error(t, json.Unmarshal([]byte(`{"send":250}`), &read))
}

func TestRateSurvivesItsText(t *testing.T) {
	units := rapid.SampledFrom([]time.Duration{1, time.Microsecond, time.Millisecond, time.Second, time.Minute, time.Hour})
	rapid.Check(t, func(t *rapid.T) {
		rate := otp.Rate{
			Events: rapid.IntRange(1, 1<<30).Draw(t, "events"),
			Per:    time.Duration(rapid.IntRange(1, 200).Draw(t, "n")) * units.Draw(t, "unit"),
		}
		if rapid.Bool().Draw(t, "odd") {
			rate.Per = time.Duration(rapid.Int64Range(1, int64(366*24*time.Hour)).Draw(t, "per"))
		}
		text, err := rate.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back otp.Rate
		if err := back.UnmarshalText(text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if back != rate || rate.String() != string(text) {
			t.Fatalf("%#v became %s became %#v", rate, text, back)
		}
	})
}

func TestFractionOfASecondIsAWindow(t *testing.T) {
	rate, err := otp.ParseRate("10/.5s")
	require.NoError(t, err)
	assert.Equal(t, otp.Rate{Events: 10, Per: 500 * time.Millisecond}, rate)
}

func FuzzParseRate(f *testing.F) {
	for _, text := range []string{"250/1m", "750/s", "unlimited", "1/1ns", "", "-1/1m", "10/1h30m", "0/0s"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := otp.ParseRate(text)
		if err != nil {
			assert.Zero(t, rate)
			return
		}
		assert.Equal(t, rate.Events > 0, rate.Per > 0, "never half set")
		assert.True(t, rate.Events >= 0 && rate.Per >= 0, "never negative")
		assert.Equal(t, rate == otp.Rate{}, text == "unlimited")
		again, err := otp.ParseRate(rate.String())
		require.NoError(t, err)
		assert.Equal(t, rate, again)
		assert.False(t, strings.ContainsAny(rate.String(), " \n"))
	})
}

func TestLimiterWithRefusesWhatCannotWork(t *testing.T) {
	good := otp.Rate{Events: 250, Per: time.Minute}
	for name, c := range map[string]struct {
		rate  otp.Rate
		opts  otp.LimiterOptions
		field string
	}{
		"a negative reserve":           {good, otp.LimiterOptions{Reserve: -1}, "reserve"},
		"a reserve of hours":           {good, otp.LimiterOptions{Reserve: time.Hour + 1}, "reserve"},
		"a bad reserve without a rate": {otp.Rate{}, otp.LimiterOptions{Reserve: -1}, "reserve"},
		"half a rate":                  {otp.Rate{Events: 1}, otp.LimiterOptions{}, "rate"},
	} {
		t.Run(name, func(t *testing.T) {
			limiter, err := c.rate.LimiterWith(c.opts)
			assert.Nil(t, limiter)
			require.ErrorIs(t, err, otp.ErrMisconfigured)
			assert.Equal(t, c.field, failureOf(t, err).Field)
		})
	}
	for _, rate := range []otp.Rate{good, {}} {
		limiter, err := rate.LimiterWith(otp.LimiterOptions{Reserve: time.Hour})
		require.NoError(t, err)
		require.NoError(t, limiter.Wait(t.Context()))
	}
}
