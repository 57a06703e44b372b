package otpredis_test

import (
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

// allowed is what the package comment says that a user needs.
const allowed = "~otp:* +eval +evalsha +time +exists +set +del +hset +hdel +hlen +hmget +hgetall +pttl +pexpire +zadd +zscore +zcount " +
	"+zrange +zrangebyscore +zremrangebyscore +hello +ping"

// restricted returns a client of a user who may do only that.
func restricted(t *testing.T, rules string) *redis.Client {
	t.Helper()
	server := startRedis(t)
	args := []any{"ACL", "SETUSER", "otp", "reset", "on", ">secret"}
	for _, rule := range strings.Fields(rules) {
		args = append(args, rule)
	}
	require.NoError(t, connect(t, server.addr).Do(t.Context(), args...).Err())
	opts := patientOptions(server.addr)
	opts.Username, opts.Password = "otp", "secret"
	client := redis.NewClient(opts)
	t.Cleanup(func() { closed(t, client) })
	return client
}

func TestRestrictedUserCanDoEverything(t *testing.T) {
	t.Parallel()
	client := restricted(t, allowed)
	l := newLimiter(t, client, otp.Rate{Events: 2, Per: 100 * time.Millisecond}, otpredis.WithLease(100*time.Millisecond))
	other := newLimiter(t, client, otp.Rate{Events: 2, Per: 100 * time.Millisecond}, otpredis.WithLease(100*time.Millisecond))
	for _, outcome := range []otp.Outcome{otp.OutcomeAccepted, otp.OutcomeNotSent, otp.OutcomeUnknown, otp.OutcomeAccepted} {
		take(t, l)(outcome)
		take(t, other)(outcome)
	}
	assert.Zero(t, l.Stats().Failures)

	s := newStore(t, client)
	taken := takeOne(t, s).Taken
	_, err := s.Apply(t.Context(), guard.Change{
		Unless: []string{"u"}, Back: taken, Good: taken, Clear: []string{"c"},
		Set: []guard.Value{{Key: "v", Data: []byte("data"), For: time.Hour}}, Get: "v",
	})
	require.NoError(t, err)

	_, err = newLearningStore(t, client).Exchange(t.Context(), "main", "a", []byte("1"))
	require.NoError(t, err)

	_, err = otpredis.Check(t.Context(), client)
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Contains(t, err.Error(), "INFO", "the command that is missing")
}

func TestCheckNeedsInfo(t *testing.T) {
	t.Parallel()
	warnings, err := otpredis.Check(t.Context(), restricted(t, "~otp:* +eval +evalsha +info +hello"))
	require.NoError(t, err)
	assert.Len(t, warnings, 1)
}
