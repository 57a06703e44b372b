package otptest

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

func checkHostileRecipients(s *session) {
	requests := s.Requests()
	for _, to := range []string{
		"", "+", "905321234567", "00905321234567", "+0905321234567", "+90532", "+9053212345678901", "+90 532 123 45 67",
		"+905321234567,+14155550123", "+905321234567;+14155550123", "+905321234567 +14155550123", "+905321234567\n",
		"\n+905321234567", "+905321234567\x00", "+90532123456x", "+1-800-FLOWERS", "+٩٠٥٣٢١٢٣٤٥٦٧", "＋905321234567",
		"tel:+905321234567", "+905321234567;phone-context=evil.example", "+905321234567 ext 5", "+905321234567#",
		"++905321234567", "+90532123+4567", "somebody@example.com", `{"to":"+905321234567"}`, "905321234567@c.us",
	} {
		_, err := s.Provider.Send(s.Context(), otp.SendRequest{To: to, Channel: s.channel})
		s.refused(s.failure(err, "send", to), requests, otp.ErrInvalidRecipient, "to")
	}
	require.Zero(s, s.Texts())
}

func checkOtherChannels(s *session) {
	requests := s.Requests()
	offered := s.Provider.Capabilities().Channels
	for _, channel := range []otp.Channel{otp.SMS, otp.WhatsApp, otp.Voice, "pigeon", "SMS", " sms"} {
		if _, ok := offered[channel]; ok {
			continue
		}
		_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.Channel = channel })
		s.refused(failure, requests, otp.ErrUnsupported, "channel")
	}
}

func checkCodeLength(s *session) {
	r := s.features.CodeLength
	for _, length := range ends(r) {
		v, code := s.send(func(req *otp.SendRequest) { req.CodeLength = length })
		require.Len(s, code, length)
		require.NoError(s, s.verify(v, code))
	}
	s.refusesOutside("code_length", outside(r, 6), func(req *otp.SendRequest, length int) { req.CodeLength = length })
}

func checkMaxAttempts(s *session) {
	r := s.features.MaxAttempts
	for _, attempts := range ends(r) {
		s.send(func(req *otp.SendRequest) { req.MaxAttempts = attempts })
	}
	s.refusesOutside("max_attempts", outside(r, 3), func(req *otp.SendRequest, n int) { req.MaxAttempts = n })
}

func checkTTL(s *session) {
	r := s.features.TTL
	const travel = time.Second // what may pass between accepting and judging
	for _, ttl := range ends(r) {
		v, code := s.send(func(req *otp.SendRequest) { req.TTL = ttl })
		s.Advance(ttl - ttl/4 - travel)
		require.NoError(s, s.verify(v, code), "a code of %s has expired before its time", ttl)

		v, code = s.send(func(req *otp.SendRequest) { req.TTL = ttl })
		s.Advance(ttl + travel)
		s.rejected(s.verify(v, code))
	}
	allowed := cmp.Or(r.Min, 5*time.Minute)
	s.refusesTTL(otp.ErrInvalidRequest, -allowed, allowed+time.Millisecond)
	if r == (otp.Range[time.Duration]{}) {
		s.refusesTTL(otp.ErrUnsupported, allowed)
		return
	}
	s.refusesTTL(otp.ErrUnsupported, r.Max+time.Second)
	if r.Min > time.Second {
		s.refusesTTL(otp.ErrUnsupported, r.Min-time.Second)
	}
}

func (s *session) refusesTTL(kind otp.Kind, ttls ...time.Duration) {
	requests := s.Requests()
	for _, ttl := range ttls {
		_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.TTL = ttl })
		s.refused(failure, requests, kind, "ttl")
	}
}

// ends are the least and the most that a range allows; none where nothing can be asked for.
func ends[T cmp.Ordered](r otp.Range[T]) []T {
	if r == (otp.Range[T]{}) {
		return nil
	}
	return []T{r.Min, r.Max}
}

// outside are numbers that a range does not allow.
func outside(r otp.Range[int], ordinary int) []int {
	if r == (otp.Range[int]{}) {
		return []int{ordinary, -1}
	}
	numbers := []int{r.Max + 1, -1}
	if r.Min > 1 {
		numbers = append(numbers, r.Min-1)
	}
	return numbers
}

func (s *session) refusesOutside(field string, numbers []int, set func(*otp.SendRequest, int)) {
	requests := s.Requests()
	for _, n := range numbers {
		_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { set(r, n) })
		kind := otp.ErrUnsupported
		if n < 0 {
			kind = otp.ErrInvalidRequest
		}
		s.refused(failure, requests, kind, field)
	}
}

func checkLocales(s *session) {
	requests := s.Requests()
	for _, locale := range []string{"xx", "xx-YY", "not a language"} {
		_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.Locale = locale })
		s.refused(failure, requests, otp.ErrUnsupported, "locale")
	}
	for _, locale := range s.features.Locales {
		tag := strings.ReplaceAll(locale, "_", "-")
		s.send(func(r *otp.SendRequest) { r.Locale = tag })
		if !strings.Contains(tag, "-") {
			s.send(func(r *otp.SendRequest) { r.Locale = tag + "-ZZ" })
		}
	}
}

// foreign is an option of a vendor that nobody knows.
type foreign string

func (f foreign) OTPVendor() string { return string(f) }

func checkForeignOptions(s *session) {
	s.send(func(r *otp.SendRequest) { r.Options = []otp.SendOption{foreign("nobody")} })
}

func checkImpostorOptions(s *session) {
	requests := s.Requests()
	for _, option := range []otp.SendOption{foreign(s.Provider.Capabilities().Vendor), nil} {
		_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.Options = []otp.SendOption{option} })
		s.refused(failure, requests, otp.ErrInvalidRequest, "options")
	}
}

func checkCancelled(s *session) {
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	s.refusesContext(ctx, otp.ErrCanceled)
}

func checkExpiredContext(s *session) {
	ctx, cancel := context.WithDeadline(s.Context(), time.Now().Add(-time.Second))
	defer cancel()
	s.refusesContext(ctx, otp.ErrUnavailable)
}

func (s *session) refusesContext(ctx context.Context, kind otp.Kind) {
	v, code := s.send()
	requests := s.Requests()
	_, failure := s.trySend(ctx)
	require.ErrorIs(s, failure, ctx.Err())
	s.refused(failure, requests, kind, "")

	err := s.Provider.Verify(ctx, v, code)
	require.ErrorIs(s, err, ctx.Err())
	s.refused(s.failure(err, "verify", v.To, code), requests, kind, "")
	require.NoError(s, s.verify(v, code), "nothing was spent")
}
