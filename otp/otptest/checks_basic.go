package otptest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func checkCapabilities(s *session) {
	caps := s.Provider.Capabilities()
	require.NotEmpty(s, s.Provider.Name())
	require.NotEmpty(s, caps.Vendor)
	require.Contains(s, caps.Channels, caps.Default, "the default channel is not offered")
	requireRange(s, "CodeLength", s.features.CodeLength)
	requireRange(s, "MaxAttempts", s.features.MaxAttempts)
	requireRange(s, "TTL", s.features.TTL)
	require.NotContains(s, s.features.Locales, "")
	require.NoError(s, caps.Check(otp.SendRequest{To: number(), Channel: s.channel}))
}

func requireRange[T cmp.Ordered](s *session, name string, r otp.Range[T]) {
	var zero T
	if r != (otp.Range[T]{}) {
		require.Greater(s, r.Min, zero, name)
		require.GreaterOrEqual(s, r.Max, r.Min, name)
	}
}

func checkCapabilitiesAreCopies(s *session) {
	before := fmt.Sprint(s.Provider.Capabilities())
	caps := s.Provider.Capabilities()
	for channel, features := range caps.Channels {
		for i := range features.Locales {
			features.Locales[i] = "changed"
		}
		delete(caps.Channels, channel)
	}
	require.Equal(s, before, fmt.Sprint(s.Provider.Capabilities()))
}

func checkVerificationFields(s *session) {
	to := number()
	v, err := s.Provider.Send(s.Context(), otp.SendRequest{To: to, Channel: s.channel})
	require.NoError(s, err)
	require.Equal(s, s.Provider.Name(), v.Provider)
	require.Equal(s, to, v.To)
	require.Equal(s, s.channel, v.Channel)
	require.NotEmpty(s, v.ID)
	if !v.ExpiresAt.IsZero() {
		require.True(s, v.ExpiresAt.After(time.Now()), "a new code has expired")
	}
	again, err := s.Provider.Send(s.Context(), otp.SendRequest{To: to, Channel: s.channel})
	require.NoError(s, err)
	require.NotEqual(s, v.ID, again.ID)
}

func checkVerificationJSON(s *session) {
	v, code := s.send()
	stored, err := json.Marshal(v)
	require.NoError(s, err)
	var loaded otp.Verification
	require.NoError(s, json.Unmarshal(stored, &loaded))

	printed := fmt.Sprintf("%v %+v %#v", v, v, v)
	assert.NotContains(s, printed, v.To[1:])
	v.To, v.ExpiresAt = "", time.Time{} // the digits of a code may stand in these by chance
	stored, err = json.Marshal(v)
	require.NoError(s, err)
	assert.NotContains(s, string(stored), code)
	require.NoError(s, s.verify(loaded, code))
}

func checkDefaultChannel(s *session) {
	v, err := s.Provider.Send(s.Context(), otp.SendRequest{To: number()})
	require.NoError(s, err)
	require.Equal(s, s.Provider.Capabilities().Default, v.Channel)
}

func checkConcurrency(s *session) {
	const people = 100
	failures := make(chan error, people)
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			to := fmt.Sprintf("+9053%08d", i)
			v, err := s.Provider.Send(s.Context(), otp.SendRequest{To: to, Channel: s.channel})
			if err == nil {
				code, _ := s.Code(to)
				err = s.verify(v, code)
			}
			failures <- err
		})
	}
	wait.Wait()
	close(failures)
	for err := range failures {
		require.NoError(s, err)
	}
	require.Equal(s, people, s.Texts())
}

func checkNothingPrinted(s *session) {
	printed := captured(s, func() {
		v, code := s.send()
		_ = s.verify(v, wrong(code))
		_ = s.verify(v, code)
		s.Fail(Fault{Status: 500})
		_, _ = s.Provider.Send(s.Context(), otp.SendRequest{To: number(), Channel: s.channel})
	})
	require.Empty(s, printed)
}

// captured is what f writes to the standard streams.
func captured(s *session, f func()) string {
	file, err := os.CreateTemp("", "otptest")
	require.NoError(s, err)
	stdout, stderr := os.Stdout, os.Stderr //nolint:forbidigo // to see that nobody writes there
	defer func() {
		os.Stdout, os.Stderr = stdout, stderr //nolint:forbidigo // likewise
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	os.Stdout, os.Stderr = file, file //nolint:forbidigo // likewise
	f()
	printed, err := os.ReadFile(file.Name())
	require.NoError(s, err)
	return string(printed)
}
