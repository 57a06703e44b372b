package otp_test

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func TestAnOptionRefusesABadValueNamingTheField(t *testing.T) {
	cases := []struct {
		name   string
		option otp.Option
		field  string
	}{
		{"an empty name", otp.WithName(""), "name"},
		{"a name of 65 characters", otp.WithName(strings.Repeat("a", 65)), "name"},
		{"a name with a space", otp.WithName("my canary"), "name"},
		{"a name with a line break", otp.WithName("canary\n"), "name"},
		{"a name with a slash", otp.WithName("a/canary"), "name"},
		{"a name that starts with a dot", otp.WithName(".canary"), "name"},
		{"a name that starts with a dash", otp.WithName("-canary"), "name"},
		{"a name that starts with an underscore", otp.WithName("_canary"), "name"},
		{"a name with an accent", otp.WithName("canaryé"), "name"},
		{"a name with a NUL", otp.WithName("canary\x00"), "name"},

		{"no client", otp.WithHTTPClient(nil), "http_client"},
		{"no logger", otp.WithLogger(nil), "logger"},

		{"negative attempts", otp.WithRetry(otp.RetryPolicy{MaxAttempts: -1}), "retry.max_attempts"},
		{"eleven attempts", otp.WithRetry(otp.RetryPolicy{MaxAttempts: 11}), "retry.max_attempts"},
		{"a negative least wait", otp.WithRetry(otp.RetryPolicy{MinWait: -1}), "retry"},
		{"a negative longest wait", otp.WithRetry(otp.RetryPolicy{MaxWait: -1}), "retry"},
		{
			"waits the wrong way round",
			otp.WithRetry(otp.RetryPolicy{MinWait: time.Second + 1, MaxWait: time.Second}), "retry.min_wait",
		},

		{"no time", otp.WithTimeout(0), "timeout"},
		{"negative time", otp.WithTimeout(-time.Second), "timeout"},

		{"an empty user agent", otp.WithUserAgent(""), "user_agent"},
		{"a user agent of 257 characters", otp.WithUserAgent(strings.Repeat("a", 257)), "user_agent"},
		{"a user agent with a line break", otp.WithUserAgent("canary\r\nX-Other: 1"), "user_agent"},
		{"a user agent with a line break behind", otp.WithUserAgent("canary\n"), "user_agent"},
		{"a user agent with a tab", otp.WithUserAgent("my\tcanary"), "user_agent"},
		{"a user agent with a space before", otp.WithUserAgent(" canary"), "user_agent"},
		{"a user agent with a space behind", otp.WithUserAgent("canary "), "user_agent"},
		{"a user agent that is a space", otp.WithUserAgent(" "), "user_agent"},
		{"a user agent with an accent", otp.WithUserAgent("canaryé"), "user_agent"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := otp.Apply(c.option)
			require.ErrorIs(t, err, otp.ErrMisconfigured)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			failure := failureOf(t, err)
			assert.Equal(t, c.field, failure.Field)
			assert.True(t, strings.HasPrefix(err.Error(), "misconfigured: "+c.field+": "), err)
			assert.NotContains(t, err.Error(), "canary", "the value is not shown")
			assert.Equal(t, otp.Settings{}, s, "nothing is set")
		})
	}
}

func TestAnOptionSetsWhatItSays(t *testing.T) {
	client, logger := &http.Client{Timeout: time.Second}, slog.New(slog.DiscardHandler)
	cases := []struct {
		name   string
		option otp.Option
		want   otp.Settings
	}{
		{"a name", otp.WithName("main"), otp.Settings{Name: "main"}},
		{"a name of one character", otp.WithName("7"), otp.Settings{Name: "7"}},
		{"a name of every character", otp.WithName("aZ09._-"), otp.Settings{Name: "aZ09._-"}},
		{
			"a name of 64 characters",
			otp.WithName(strings.Repeat("a", 64)),
			otp.Settings{Name: strings.Repeat("a", 64)},
		},
		{"a client", otp.WithHTTPClient(client), otp.Settings{HTTPClient: client}},
		{"a logger", otp.WithLogger(logger), otp.Settings{Logger: logger}},
		{"the default retries", otp.WithRetry(otp.RetryPolicy{}), otp.Settings{}},
		{
			"one attempt",
			otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1}),
			otp.Settings{Retry: otp.RetryPolicy{MaxAttempts: 1}},
		},
		{
			"ten attempts and equal waits",
			otp.WithRetry(otp.RetryPolicy{MaxAttempts: 10, MinWait: time.Second, MaxWait: time.Second}),
			otp.Settings{Retry: otp.RetryPolicy{MaxAttempts: 10, MinWait: time.Second, MaxWait: time.Second}},
		},
		{
			"a least wait alone",
			otp.WithRetry(otp.RetryPolicy{MinWait: time.Minute}),
			otp.Settings{Retry: otp.RetryPolicy{MinWait: time.Minute}},
		},
		{"the shortest time", otp.WithTimeout(1), otp.Settings{Timeout: 1}},
		{"a user agent", otp.WithUserAgent("shop/1.0 (+https://shop.example)"), otp.Settings{
			UserAgent: "shop/1.0 (+https://shop.example)",
		}},
		{"a user agent of one character", otp.WithUserAgent("~"), otp.Settings{UserAgent: "~"}},
		{
			"a user agent of 256 characters",
			otp.WithUserAgent(strings.Repeat("a", 256)),
			otp.Settings{UserAgent: strings.Repeat("a", 256)},
		},
		{"plain HTTP", otp.WithPlainHTTP(), otp.Settings{PlainHTTP: true}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := otp.Apply(c.option)
			require.NoError(t, err)
			assert.Equal(t, c.want, s)
		})
	}
}

func TestTheClientIsNotChanged(t *testing.T) {
	client := &http.Client{Timeout: time.Second}
	s, err := otp.Apply(otp.WithHTTPClient(client))
	require.NoError(t, err)
	assert.Same(t, client, s.HTTPClient)
	assert.Equal(t, http.Client{Timeout: time.Second}, *client)
}

func TestTheLaterOptionWins(t *testing.T) {
	s, err := otp.Apply(otp.WithName("first"), otp.WithTimeout(time.Second), otp.WithName("second"), otp.WithTimeout(time.Minute))
	require.NoError(t, err)
	assert.Equal(t, otp.Settings{Name: "second", Timeout: time.Minute}, s)
}

func TestALimiterReplacesTheDefault(t *testing.T) {
	fallback, own := perMinute.Limiter(), perMinute.Limiter()
	cases := []struct {
		name         string
		options      []otp.Option
		send, verify otp.Limiter
	}{
		{"without an option", nil, fallback, fallback},
		{"on sends", []otp.Option{otp.WithSendLimiter(own)}, own, fallback},
		{"on verifications", []otp.Option{otp.WithVerifyLimiter(own)}, fallback, own},
		{"on both", []otp.Option{otp.WithSendLimiter(own), otp.WithVerifyLimiter(own)}, own, own},
		{"by none on sends", []otp.Option{otp.WithSendLimiter(nil)}, nil, fallback},
		{"by none on verifications", []otp.Option{otp.WithVerifyLimiter(nil)}, fallback, nil},
		{"by none, then by one", []otp.Option{otp.WithSendLimiter(nil), otp.WithSendLimiter(own)}, own, fallback},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, err := otp.Apply(c.options...)
			require.NoError(t, err)
			for name, want := range map[string]otp.Limiter{otp.SendLimiter: c.send, otp.VerifyLimiter: c.verify} {
				got := s.Limiter(fallback, name)
				if want != nil {
					assert.Same(t, want, got, name)
				} else if got != nil { // assert.Nil would take an interface that holds nil for nil
					t.Errorf("%s: %#v", name, got)
				}
			}
		})
	}
}
