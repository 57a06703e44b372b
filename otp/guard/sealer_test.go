package guard_test

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

func key() []byte {
	k := make([]byte, 32)
	_, _ = rand.Read(k)
	return k
}

func sealer(t testing.TB, keys ...[]byte) *guard.Sealer {
	t.Helper()
	s, err := guard.NewSealer(keys...)
	require.NoError(t, err)
	return s
}

var (
	handle = otp.Verification{
		Provider: "main", ID: "2b4f8c", To: number, Channel: otp.SMS, ExpiresAt: time.Date(2026, 3, 1, 12, 5, 0, 0, time.UTC),
	}
	bound = guard.Binding{Purpose: "login", Session: "s1"}
)

// requireUnopened requires the one error that every failure is.
func requireUnopened(t *testing.T, s *guard.Sealer, token string, to guard.Binding) {
	t.Helper()
	v, err := s.Open(token, to)
	require.Zero(t, v)
	require.Equal(t, &otp.Error{Op: "open", Kind: otp.ErrNotFound, Outcome: otp.OutcomeNotSent}, err)
	require.ErrorIs(t, err, otp.ErrCodeRejected)
	require.EqualError(t, err, "open: code not found")
}

func TestASealedVerificationComesBack(t *testing.T) {
	s := sealer(t, key())
	token, err := s.Seal(handle, bound, time.Minute)
	require.NoError(t, err)
	opened, err := s.Open(token, bound)
	require.NoError(t, err)
	assert.Equal(t, handle, opened)

	again, err := s.Seal(handle, bound, time.Minute)
	require.NoError(t, err)
	assert.NotEqual(t, token, again)
	data, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	for _, text := range []string{token, string(data)} {
		assert.NotContains(t, text, number[4:10])
		assert.NotContains(t, text, handle.ID)
	}
}

func TestAnyChangeOfATokenIsRefused(t *testing.T) {
	s := sealer(t, key())
	token, err := s.Seal(handle, bound, time.Minute)
	require.NoError(t, err)
	for i := range token {
		for bit := range 8 {
			changed := []byte(token)
			changed[i] ^= 1 << bit
			requireUnopened(t, s, string(changed), bound)
		}
		requireUnopened(t, s, token[:i], bound)
		requireUnopened(t, s, token[i+1:], bound)
		requireUnopened(t, s, token[:i]+"\n"+token[i:], bound)
		requireUnopened(t, s, token[:i]+"\r\n"+token[i:], bound)
	}
	for _, changed := range []string{
		"", token + "A", token + "=", token + "\n", " " + token, token + token, strings.Repeat("A", 1<<20), strings.Repeat("A", 4096), "é",
	} {
		requireUnopened(t, s, changed, bound)
	}
}

func TestATokenServesForItsPurposeAndSessionOnly(t *testing.T) {
	s := sealer(t, key())
	token, err := s.Seal(handle, bound, time.Minute)
	require.NoError(t, err)
	for _, other := range []guard.Binding{
		{},
		{Purpose: "login"},
		{Session: "s1"},
		{Purpose: "payment", Session: "s1"},
		{Purpose: "login", Session: "s2"},
		{Purpose: "s1", Session: "login"},
		{Purpose: "login\x02s1"},
		{Purpose: "logins", Session: "1"},
		{Purpose: "Login", Session: "s1"},
	} {
		requireUnopened(t, s, token, other)
	}
}

func TestNothingMovesFromOneFieldOfABindingToTheNext(t *testing.T) {
	s := sealer(t, key())
	for n := range byte(4) {
		mark := string([]byte{n})
		token, err := s.Seal(handle, guard.Binding{Purpose: "a", Session: "b" + mark + "c"}, time.Minute)
		require.NoError(t, err)
		requireUnopened(t, s, token, guard.Binding{Purpose: "a" + mark + "b", Session: "c"})
	}
}

func TestATokenRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sealer(t, key())
		token, err := s.Seal(handle, bound, time.Minute)
		require.NoError(t, err)
		time.Sleep(time.Minute - time.Nanosecond)
		_, err = s.Open(token, bound)
		require.NoError(t, err)
		time.Sleep(time.Nanosecond)
		requireUnopened(t, s, token, bound)
	})
}

func TestKeysRotate(t *testing.T) {
	older, newer := key(), key()
	token, err := sealer(t, older).Seal(handle, bound, time.Minute)
	require.NoError(t, err)
	both := sealer(t, newer, older)
	_, err = both.Open(token, bound)
	require.NoError(t, err)
	requireUnopened(t, sealer(t, newer), token, bound)
	token, err = both.Seal(handle, bound, time.Minute)
	require.NoError(t, err)
	_, err = sealer(t, newer).Open(token, bound)
	require.NoError(t, err, "the first key seals")
	requireUnopened(t, sealer(t, older), token, bound)
}

func TestBadKeysAndBadVerificationsAreRefusedByName(t *testing.T) {
	many := make([][]byte, 17)
	for i := range many {
		many[i] = key()
	}
	for _, keys := range [][][]byte{{}, {nil}, {key()[:31]}, {key(), {}}, many} {
		_, err := guard.NewSealer(keys...)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		assert.Equal(t, "keys", failureOf(t, err).Field)
	}
	s := sealer(t, key())
	long := handle
	long.ID = strings.Repeat("x", 5000)
	for _, c := range []struct {
		s     *guard.Sealer
		v     otp.Verification
		ttl   time.Duration
		field string
	}{
		{s, handle, 0, "ttl"},
		{s, handle, -1, "ttl"},
		{s, handle, 24*time.Hour + 1, "ttl"},
		{s, otp.Verification{}, time.Minute, "verification"},
		{s, otp.Verification{Provider: "main"}, time.Minute, "verification"},
		{s, long, time.Minute, "verification"},
		{&guard.Sealer{}, handle, time.Minute, "keys"},
	} {
		token, err := c.s.Seal(c.v, bound, c.ttl)
		require.Empty(t, token)
		require.ErrorIs(t, err, otp.ErrInvalidRequest)
		assert.Equal(t, c.field, failureOf(t, err).Field)
	}
	requireUnopened(t, &guard.Sealer{}, "", bound)
}

func FuzzOpen(f *testing.F) {
	s := sealer(f, key())
	token, err := s.Seal(handle, bound, time.Hour)
	require.NoError(f, err)
	f.Add("", "login", "s1")
	f.Add(token+"A", "login", "s1")
	f.Add(token, "login", "s2")
	f.Fuzz(func(t *testing.T, text, purpose, session string) {
		to := guard.Binding{Purpose: purpose, Session: session}
		if text == token && to == bound {
			return
		}
		requireUnopened(t, s, text, to)
	})
}
