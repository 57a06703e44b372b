package otptest

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

func requestChecks() []check {
	return []check{
		{"one recipient and nothing else", checkHostileRecipients},
		{"a channel that is not offered is refused", checkOtherChannels},
		{"code length", checkCodeLength},
		{"lifetime", checkTTL},
		{"number of attempts", func(s *session) {
			set := func(n int) func(*otp.SendRequest) { return func(r *otp.SendRequest) { r.MaxAttempts = n } }
			for _, attempts := range ends(s.features.MaxAttempts) {
				s.send(set(attempts))
			}
			refusesOutside(s, "max_attempts", s.features.MaxAttempts, 3, 1, set)
		}},
		{"a language is a preference", checkLocales},
		{"a send again names the send before", checkPrevious},
		{"options of other vendors are ignored", func(s *session) {
			s.send(func(r *otp.SendRequest) { r.Options = []otp.SendOption{foreign("nobody")} })
		}},
		{"options that pretend to be ours are refused", func(s *session) {
			for _, option := range []otp.SendOption{foreign(s.Provider.Capabilities().Vendor), nil} {
				s.refuses(otp.ErrInvalidRequest, "options", func(r *otp.SendRequest) {
					r.Options = []otp.SendOption{option}
				})
			}
		}},
		{"a cancelled context", func(s *session) {
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			s.refusesContext(ctx, otp.ErrCanceled)
		}},
		{"a deadline that has passed", func(s *session) {
			ctx, cancel := context.WithDeadline(s.Context(), time.Now().Add(-time.Second))
			defer cancel()
			s.refusesContext(ctx, otp.ErrUnavailable)
		}},
	}
}

func (s *session) refuses(kind otp.Kind, field string, change func(*otp.SendRequest)) {
	s.Helper()
	requests, texts, req := s.requests(), s.Texts(), s.request(change)
	_, err := s.Provider.Send(s.Context(), req)
	s.must(err != nil, "%v must be refused because of its %s, and was sent", req, field)
	s.refused(s.failure(err, "send", req.To, req.Code), requests, kind, field)
	s.must(s.Texts() == texts, "what is refused must send no text")
}

func checkHostileRecipients(s *session) {
	for _, to := range []string{
		"", "+", "905321234567", "00905321234567", "+0905321234567", "+90532", "+9053212345678901", "+90 532 123 45 67",
		"+905321234567,+14155550123", "+905321234567;+14155550123", "+905321234567 +14155550123", "+905321234567\n",
		"\n+905321234567", "+905321234567\x00", "+90532123456x", "+1-800-FLOWERS", "+٩٠٥٣٢١٢٣٤٥٦٧", "＋905321234567",
		"tel:+905321234567", "+905321234567;phone-context=evil.example", "+905321234567 ext 5", "+905321234567#",
		"++905321234567", "+90532123+4567", "somebody@example.com", `{"to":"+905321234567"}`, "905321234567@c.us",
	} {
		s.refuses(otp.ErrInvalidRecipient, "to", func(r *otp.SendRequest) { r.To = to })
	}
}

func checkOtherChannels(s *session) {
	offered := s.Provider.Capabilities().Channels
	for _, channel := range []otp.Channel{otp.SMS, otp.WhatsApp, otp.Voice, "pigeon", "SMS", " sms"} {
		if _, ok := offered[channel]; !ok {
			s.refuses(otp.ErrUnsupported, "channel", func(r *otp.SendRequest) { r.Channel = channel })
		}
	}
}

func checkCodeLength(s *session) {
	set := func(n int) func(*otp.SendRequest) { return func(r *otp.SendRequest) { r.CodeLength = n } }
	for _, length := range ends(s.features.CodeLength) {
		v, code := s.send(set(length))
		s.must(len(code) == length, "a code must have the length asked for, %d, and has %d", length, len(code))
		s.verifies(v, code, "a code of the length asked for must verify")
	}
	refusesOutside(s, "code_length", s.features.CodeLength, 6, 1, set)
}

func checkTTL(s *session) {
	const travel = time.Second // what may pass between sending and verifying
	set := func(ttl time.Duration) func(*otp.SendRequest) { return func(r *otp.SendRequest) { r.TTL = ttl } }
	for _, ttl := range ends(s.features.TTL) {
		v, code := s.send(set(ttl))
		if s.Advance == nil {
			s.verifies(v, code, "a code must verify within the lifetime asked for")
			continue
		}
		s.Advance(ttl - ttl/4 - travel)
		s.verifies(v, code, "a code must live as long as was asked for")
		v, code = s.send(set(ttl))
		s.Advance(ttl + travel)
		s.rejected(s.verify(v, code), "a code must live no longer than was asked for")
	}
	allowed := cmp.Or(s.features.TTL.Min, 5*time.Minute)
	s.refuses(otp.ErrInvalidRequest, "ttl", set(allowed+time.Millisecond))
	refusesOutside(s, "ttl", s.features.TTL, allowed, time.Second, set)
}

// ends are the least and the most that a range allows; none where nothing can be asked for.
func ends[T cmp.Ordered](r otp.Range[T]) []T {
	if r == (otp.Range[T]{}) {
		return nil
	}
	return []T{r.Min, r.Max}
}

// refusesOutside asks for one unit beyond a range, or an ordinary value where there is none.
func refusesOutside[T int | time.Duration](
	s *session, field string, r otp.Range[T], ordinary, unit T, set func(T) func(*otp.SendRequest),
) {
	s.Helper()
	s.refuses(otp.ErrInvalidRequest, field, set(-unit))
	if r == (otp.Range[T]{}) {
		s.refuses(otp.ErrUnsupported, field, set(ordinary))
		return
	}
	s.refuses(otp.ErrUnsupported, field, set(r.Max+unit))
	if r.Min > unit {
		s.refuses(otp.ErrUnsupported, field, set(r.Min-unit))
	}
}

func checkLocales(s *session) {
	for _, locale := range s.features.Locales {
		s.send(func(r *otp.SendRequest) { r.Locale = strings.ReplaceAll(locale, "_", "-") })
		s.send(func(r *otp.SendRequest) { r.Locale = locale[:2] + "-ZZ" })
	}
	for _, locale := range []string{"xx", "xx-YY", "not a language", "\n", strings.Repeat("x", 1000)} {
		v, code := s.send(func(r *otp.SendRequest) { r.Locale = locale })
		s.verifies(v, code, "a Locale that the provider lacks must never be an error")
	}
}

func checkPrevious(s *session) {
	first, _ := s.send()
	again := func(previous otp.Verification) func(*otp.SendRequest) {
		return func(r *otp.SendRequest) { r.To, r.Previous = first.To, &previous }
	}
	if s.harness.SecondSend == AnotherID {
		for _, previous := range []otp.Verification{first, {Provider: "gone", ID: "1", To: first.To}} {
			v, code := s.send(again(previous))
			s.verifies(v, code, "a code that was sent again must verify")
		}
	}
	s.refuses(otp.ErrInvalidRequest, "previous", again(otp.Verification{}))
	other := first
	other.To = "+14155550123"
	s.refuses(otp.ErrInvalidRequest, "previous", again(other))
}

type foreign string

func (f foreign) OTPVendor() string { return string(f) }

func (s *session) refusesContext(ctx context.Context, kind otp.Kind) {
	v, code := s.send()
	requests, req := s.requests(), s.request()
	_, err := s.Provider.Send(ctx, req)
	s.must(errors.Is(err, ctx.Err()), "an error after the context has ended must wrap ctx.Err(): %v", err)
	s.refused(s.failure(err, "send", req.To), requests, kind, "")
	err = s.Provider.Verify(ctx, v, code)
	s.must(errors.Is(err, ctx.Err()), "an error after the context has ended must wrap ctx.Err(): %v", err)
	s.refused(s.failure(err, "verify", v.To, code), requests, kind, "")
	s.verifies(v, code, "a context that has ended must spend no attempt")
}
