package otpredis_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

func TestCheckNamesSettingsThatAreARisk(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		want []string
	}{
		"all is well":  {[]string{"--appendonly", "yes"}, nil},
		"keys may go":  {[]string{"--appendonly", "yes", "--maxmemory-policy", "allkeys-lru"}, []string{"maxmemory-policy is allkeys-lru: "}},
		"no log":       {nil, []string{"appendonly is no: "}},
		"both at once": {[]string{"--maxmemory-policy", "volatile-ttl"}, []string{"maxmemory-policy is volatile-ttl: ", "appendonly is no: "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			warnings, err := otpredis.Check(t.Context(), connect(t, startRedis(t, c.args...).addr))
			require.NoError(t, err)
			require.Len(t, warnings, len(c.want))
			for i, want := range c.want {
				assert.Contains(t, warnings[i], want)
			}
		})
	}
}

func TestCheckFailsInTime(t *testing.T) {
	t.Parallel()
	for name, client := range brokenRedis(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := otpredis.Check(t.Context(), client)
			require.ErrorIs(t, err, otp.ErrUnavailable)
			assert.Less(t, time.Since(start), 300*time.Millisecond+late)
		})
	}
	_, err := otpredis.Check(t.Context(), nil)
	require.ErrorIs(t, err, otp.ErrMisconfigured)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = otpredis.Check(ctx, connectByDefault(t, refusing))
	require.ErrorIs(t, err, otp.ErrCanceled)
}

func TestFirstCallLogsRiskySettings(t *testing.T) {
	t.Parallel()
	client := connect(t, startRedis(t, "--maxmemory-policy", "allkeys-lru").addr)
	log := newRecords()
	l := newLimiter(t, client, otp.Rate{Events: 10, Per: time.Second}, withLog(log))
	s, err := otpredis.NewStore(client, "users", patient, withLog(log))
	require.NoError(t, err)
	for range 2 {
		take(t, l)(otp.OutcomeAccepted)
		takeOne(t, s)
	}
	for range 4 { // each has two warnings
		assert.Equal(t, "otp: a setting of redis puts limits at risk", <-log.messages)
	}
	time.Sleep(50 * time.Millisecond)
	assert.Empty(t, log.messages, "once")
}
