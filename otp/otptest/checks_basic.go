package otptest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

func basicChecks() []check {
	return []check{
		{"capabilities are consistent", checkCapabilities},
		{"capabilities are the caller's to change", checkCapabilitiesAreCopies},
		{"a verification says who sent what to whom", checkVerificationFields},
		{"a verification is the same after JSON", checkVerificationJSON},
		{"a verification shows neither number nor code", checkVerificationShown},
		{"no channel means the default channel", func(s *session) {
			v, _ := s.send(func(r *otp.SendRequest) { r.Channel = "" })
			s.must(v.Channel == s.Provider.Capabilities().Default,
				"a request without a channel must go by Capabilities.Default, and went by %q", string(v.Channel))
		}},
		{"a second send to one number", checkSecondSend},
		{"a hundred people at once", checkConcurrency},
		{"nothing is printed", checkNothingPrinted},
		{"a provider shows no secret", func(s *session) {
			v, code := s.send()
			_ = s.verify(v, code)
			mustHide(s.tester, s.Provider, s.Secrets)
		}},
	}
}

func checkCapabilities(s *session) {
	caps := s.Provider.Capabilities()
	_, offered := caps.Channels[caps.Default]
	s.must(s.Provider.Name() != "", "Name must not be empty: every Verification holds it")
	s.must(caps.Vendor != "", "Capabilities.Vendor must not be empty")
	s.must(offered, "Capabilities.Default %q must be one of Channels", string(caps.Default))
	mustBeRange(s, "CodeLength", s.features.CodeLength)
	mustBeRange(s, "MaxAttempts", s.features.MaxAttempts)
	mustBeRange(s, "TTL", s.features.TTL)
	s.must(!slices.Contains(s.features.Locales, ""), "Features.Locales must not hold an empty one")
	err := otp.CanSend(s.Provider, s.request())
	s.must(err == nil, "a request without extras must be possible on every channel offered: %v", err)
}

func mustBeRange[T cmp.Ordered](s *session, name string, r otp.Range[T]) {
	var zero T
	s.must(r == otp.Range[T]{} || r.Min > zero && r.Max >= r.Min,
		"Features.%s must be the zero range, or have 0 < Min <= Max: %v", name, r)
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
	s.must(fmt.Sprint(s.Provider.Capabilities()) == before, "Capabilities must return copies")
}

func checkVerificationFields(s *session) {
	before := time.Now()
	v, _ := s.send(func(r *otp.SendRequest) { r.To = "+905320000001" })
	s.must(v.Provider == s.Provider.Name(), "Verification.Provider must be the provider's name, and is %q", v.Provider)
	s.must(v.To == "+905320000001", "Verification.To must be the recipient, to the letter: %v", v)
	s.must(v.Channel == s.channel, "Verification.Channel must be %q, and is %q", string(s.channel), string(v.Channel))
	s.must(v.ID != "", "Verification.ID must not be empty; otp.RandomID makes one where the vendor gives none")
	s.must(v.CanVerify(), "after a Send without an error CanVerify must be true: %v", v)
	s.must(v.ExpiresAt.IsZero() || v.ExpiresAt.After(time.Now()), "a new code must not have expired: %v", v.ExpiresAt)
	s.must(v.SentAt.IsZero() || v.SentAt.Sub(before).Abs() < time.Minute, "SentAt must be the time of the send: %v", v.SentAt)
}

func checkVerificationJSON(s *session) {
	v, code := s.send()
	s.must(v.SentAt.Location() == time.UTC, "SentAt must be in UTC, and is in %v", v.SentAt.Location())
	s.must(v.ExpiresAt.Location() == time.UTC, "ExpiresAt must be in UTC, and is in %v", v.ExpiresAt.Location())
	stored, err := json.Marshal(v)
	s.must(err == nil, "a Verification must be possible to store as JSON: %v", err)
	var loaded otp.Verification
	err = json.Unmarshal(stored, &loaded)
	s.must(err == nil && loaded == v,
		"a Verification must be equal (==) after JSON, its times without monotonic clock: %#v, %#v, %v", v, loaded, err)
	s.verifies(loaded, code, "a Verification must verify after it was stored as JSON")
}

func checkVerificationShown(s *session) {
	v, code := s.send()
	for form, text := range printed(v) {
		secret := shows(text, append(s.Secrets, v.To[1:]))
		s.must(secret == "", "a Verification must not show %q when printed (%s)", secret, form)
	}
	v.To, v.ExpiresAt, v.SentAt = "", time.Time{}, time.Time{} // the digits of a code may stand in these by chance
	stored, _ := json.Marshal(v)
	s.must(!strings.Contains(string(stored), code), "a Verification must not hold the code")
}

func checkSecondSend(s *session) {
	first, code := s.send()
	texts := s.Texts()
	again, err := s.Provider.Send(s.Context(), s.request(func(r *otp.SendRequest) { r.To = first.To }))
	if s.harness.SecondSend == Refused {
		failure := s.failure(err, "send", first.To[1:])
		s.must(failure.Outcome == otp.OutcomeNotSent && again.IsZero() && s.Texts() == texts,
			"a second send that is refused must have OutcomeNotSent, no Verification and no text: %v, %v", again, err)
		s.verifies(first, code, "a second send that is refused must leave the first code alive")
		return
	}
	s.must(err == nil, "a second send to one number must succeed (or set Harness.SecondSend): %v", err)
	s.must((again.ID == first.ID) == (s.harness.SecondSend == SameID),
		"whether a second send has the ID of the first must be as Harness.SecondSend says: %q, %q", first.ID, again.ID)
	s.must(s.Texts() <= texts+1, "a second send must be one text at most")
	code, _ = s.Code(first.To)
	s.verifies(again, code, "the newest code must verify with the newest Verification")
}

func checkConcurrency(s *session) {
	const people = 100
	var failures [people]error
	var wait sync.WaitGroup
	for i := range people {
		wait.Go(func() {
			to := fmt.Sprintf("+9053%08d", i)
			v, err := s.Provider.Send(s.Context(), otp.SendRequest{To: to, Channel: s.channel})
			if failures[i] = err; err == nil {
				code, _ := s.Code(to)
				failures[i] = s.verify(v, code)
			}
		})
	}
	wait.Wait()
	for _, err := range failures {
		s.must(err == nil, "a hundred people must be served at once: %v", err)
	}
	s.must(s.Texts() == people, "a hundred people must get a hundred texts, and got %d", s.Texts())
}

func checkNothingPrinted(s *session) {
	text := captured(func() {
		v, code := s.send()
		_ = s.verify(v, wrong(code))
		_ = s.verify(v, code)
		for _, fault := range s.Faults {
			fault.Start()
			_, _ = s.Provider.Send(s.Context(), s.request())
			fault.Stop()
		}
	})
	s.must(text == "", "a provider must print nothing, and log to nothing but the logger it was given: %q", text)
}
