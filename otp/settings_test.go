package otp_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/otp"
)

func requireMisconfigured(t *testing.T, err error, field string) {
	t.Helper()
	failure := failureOf(t, err)
	assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
	assert.Equal(t, field, failure.Field)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}

func TestApplyOfNothingIsTheDefaults(t *testing.T) {
	s, err := otp.Apply()
	require.NoError(t, err)
	assert.Equal(t, otp.Settings{}, s)
}

func TestApplyRefusesWhatIsNoOption(t *testing.T) {
	for name, opt := range map[string]otp.Option{
		"a nil option":     nil,
		"one that panics":  func(*otp.Settings) error { panic("canary") },
		"a foreign error":  func(*otp.Settings) error { return errors.New("mine") },
		"a nil *otp.Error": func(*otp.Settings) error { return (*otp.Error)(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s, err := otp.Apply(otp.WithName("main"), opt)
			requireMisconfigured(t, err, "options")
			assert.NotContains(t, err.Error(), "canary")
			assert.Equal(t, otp.Settings{}, s)
		})
	}
	own := &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "color"}
	_, err := otp.Apply(func(*otp.Settings) error { return own })
	assert.Same(t, own, err, "an option's own error is returned as it is")
}

func TestALimiterThatIsANilPointerIsRefused(t *testing.T) {
	var none *rate.Limiter
	for field, opt := range map[string]otp.Option{
		"send_limiter":   otp.WithSendLimiter(none),
		"verify_limiter": otp.WithVerifyLimiter(none),
		"setup_limiter":  func(s *otp.Settings) error { return s.SetLimiter("setup", none) },
	} {
		_, err := otp.Apply(opt)
		requireMisconfigured(t, err, field)
	}
	s, err := otp.Apply(otp.WithSendLimiter(nil))
	require.NoError(t, err)
	assert.Nil(t, s.Limiter(perMinute.Limiter(), otp.SendLimiter), "nil itself lifts the limit")
}

func TestTheFirstNameThatIsSetDecides(t *testing.T) {
	fallback, special := perMinute.Limiter(), perMinute.Limiter()
	var s otp.Settings
	require.NoError(t, s.SetLimiter("special", special))
	require.NoError(t, s.SetLimiter(otp.SendLimiter, nil))
	assert.Same(t, special, s.Limiter(fallback, "special", otp.SendLimiter))
	assert.Nil(t, s.Limiter(fallback, otp.SendLimiter, "special"), "nil is set, too")
	assert.Same(t, special, s.Limiter(fallback, "unknown", "special"))
	assert.Same(t, fallback, s.Limiter(fallback, "unknown"))
	assert.Same(t, fallback, s.Limiter(fallback))
	assert.Nil(t, s.Limiter(nil))
}

func TestUnusedLimitersAreKnown(t *testing.T) {
	s, err := otp.Apply(otp.WithSendLimiter(perMinute.Limiter()), otp.WithVerifyLimiter(nil))
	require.NoError(t, err)
	assert.Equal(t, []string{"send", "verify"}, s.Unused())
	handedOn := s // a vendor hands its settings on by value
	handedOn.Limiter(nil, "setup", otp.SendLimiter)
	assert.Equal(t, []string{"verify"}, s.Unused())
	s.Limiter(nil, otp.VerifyLimiter)
	assert.Empty(t, handedOn.Unused())
	assert.Empty(t, otp.Settings{}.Unused())
}

func TestSettingsAreIndependentValues(t *testing.T) {
	first, err := otp.Apply(otp.WithSendLimiter(nil))
	require.NoError(t, err)
	second := first
	require.NoError(t, second.SetLimiter("setup", nil))
	assert.Equal(t, []string{"send"}, first.Unused())
	assert.Equal(t, []string{"send", "setup"}, second.Unused())
}

// pigeon is a provider that somebody else has written.
type pigeon struct {
	otp.Provider
	name     string
	perFlock otp.Limiter
}

// newPigeon reads the options that every provider takes, and refuses what it cannot do.
func newPigeon(opts ...otp.Option) (*pigeon, error) {
	s, err := otp.Apply(opts...)
	if err != nil {
		return nil, err
	}
	if s.HTTPClient != nil || s.PlainHTTP {
		return nil, errors.New("pigeons do not speak HTTP")
	}
	p := &pigeon{name: "pigeon", perFlock: s.Limiter(otp.Rate{Events: 10, Per: time.Hour}.Limiter(), otp.SendLimiter)}
	if s.Name != "" {
		p.name = s.Name
	}
	if unused := s.Unused(); len(unused) > 0 {
		return nil, fmt.Errorf("pigeons know no limit called %s", unused[0])
	}
	return p, nil
}

// Anyone who writes a provider reads the options of its New with Apply.
func ExampleApply() {
	p, err := newPigeon(otp.WithName("roof"), otp.WithSendLimiter(nil))
	fmt.Println(p.name, p.perFlock == nil, err)

	_, err = newPigeon(otp.WithName("on the roof"))
	fmt.Println(err)
	_, err = newPigeon(otp.WithVerifyLimiter(nil))
	fmt.Println(err)
	// Output:
	// roof true <nil>
	// misconfigured: name: must be 1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit
	// pigeons know no limit called verify
}

// An option of a vendor's own sets a limiter under a name of its own.
func ExampleSettings_SetLimiter() {
	withTemplateLimiter := func(l otp.Limiter) otp.Option {
		return func(s *otp.Settings) error { return s.SetLimiter("pigeon.template", l) }
	}
	s, _ := otp.Apply(withTemplateLimiter(nil))
	fmt.Println(s.Limiter(otp.Rate{Events: 1, Per: time.Hour}.Limiter(), "pigeon.template"))

	var mistake *rate.Limiter
	_, err := otp.Apply(withTemplateLimiter(mistake))
	fmt.Println(err)
	// Output:
	// <nil>
	// misconfigured: pigeon.template_limiter: must not be a nil pointer; nil itself means no limit
}

func ExampleCanSend() {
	provider := scripted{}
	for _, req := range []otp.SendRequest{
		{To: "+905321234567", TTL: 5 * time.Minute},
		{To: "+905321234567", TTL: time.Hour},
	} {
		fmt.Println(otp.CanSend(provider, req))
	}
	// Output:
	// <nil>
	// main: send: unsupported: ttl: must be 1m0s to 10m0s
}

var _ otp.Limiter = (*rate.Limiter)(nil)

func TestALimiterOfTheTimePackageServes(t *testing.T) {
	s, err := otp.Apply(otp.WithSendLimiter(rate.NewLimiter(rate.Every(time.Hour), 1)))
	require.NoError(t, err)
	limiter := s.Limiter(nil, otp.SendLimiter)
	require.NoError(t, limiter.Wait(t.Context()))
	brief, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	require.Error(t, limiter.Wait(brief))
}
