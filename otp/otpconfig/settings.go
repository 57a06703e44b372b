package otpconfig

import (
	"fmt"
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// common are the fields that every provider has beside those of its vendor.
type common struct {
	// SendLimit replaces the vendor's default limit on sends: "250/1m", or "unlimited". See
	// otp.Rate.
	SendLimit *otp.Rate `yaml:"send_limit,omitempty"`

	// VerifyLimit replaces the vendor's default limit on verifications.
	VerifyLimit *otp.Rate `yaml:"verify_limit,omitempty"`

	// Timeout bounds one attempt: "5s". Default: 10 seconds. See otp.WithTimeout.
	Timeout *time.Duration `yaml:"timeout,omitempty"`

	// Retry says how often a request is tried that provably was not sent. See otp.RetryPolicy.
	Retry retry `yaml:"retry,omitempty"`

	// Channels are the only ones by which the provider sends. A request that names none goes by the
	// provider's default channel if that is one of them, else by the first of them. Default: all of
	// the provider's.
	Channels []otp.Channel `yaml:"channels,omitempty"`

	// Breaker puts a circuit breaker around the provider. Without it there is none. See
	// route.Breaker.
	Breaker *breaker `yaml:"breaker,omitempty"`
}

type retry struct {
	// MaxAttempts counts the first attempt, too: 1 to 10. 0 = 3.
	MaxAttempts int `yaml:"max_attempts,omitempty"`

	// MinWait is the shortest wait between attempts. "0s" = 200 milliseconds.
	MinWait time.Duration `yaml:"min_wait,omitempty"`

	// MaxWait is the longest. "0s" = 2 seconds.
	MaxWait time.Duration `yaml:"max_wait,omitempty"`
}

type breaker struct {
	// Faults is how many of the vendor's faults in a row open the breaker: 1 to 1000. Default: 5.
	Faults *int `yaml:"faults,omitempty"`

	// OpenFor is how long it then refuses calls before it lets one try. Default: 30 seconds.
	OpenFor *time.Duration `yaml:"open_for,omitempty"`
}

func settingsFields() []field {
	fields, err := fieldsOf(reflect.TypeFor[common]())
	if err != nil {
		panic(err) // a mistake in the structs above, which the tests find
	}
	return fields
}

// options are the settings as the vendor's New takes them.
func (i *instance) options() []otp.Option {
	options := []otp.Option{otp.WithName(i.name)}
	if policy := otp.RetryPolicy(i.settings.Retry); policy != (otp.RetryPolicy{}) {
		options = append(options, otp.WithRetry(policy))
	}
	if limit := i.settings.SendLimit; limit != nil {
		options = append(options, otp.WithSendRate(*limit))
	}
	if limit := i.settings.VerifyLimit; limit != nil {
		options = append(options, otp.WithVerifyRate(*limit))
	}
	if timeout := i.settings.Timeout; timeout != nil {
		options = append(options, otp.WithTimeout(*timeout))
	}
	return options
}

// around puts the breaker around a client. Clients of one account with the same settings share its state.
func (b *breaker) around(client otp.Provider, shared *otp.Shared) (otp.Provider, error) {
	var options []route.BreakerOption
	if b.Faults != nil {
		options = append(options, route.WithFaults(*b.Faults))
	}
	if b.OpenFor != nil {
		options = append(options, route.WithOpenFor(*b.OpenFor))
	}
	made, err := route.Breaker(client, options...)
	if err != nil {
		return nil, err
	}
	if first := otp.SharedValue(shared, b.key(client), func() *route.CircuitBreaker { return made }); first != made {
		return routed(route.Breaker(client, append(options, route.WithStateOf(first))...))
	}
	return made, nil
}

// valueOf is what p points to; zero = nothing.
func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

// key names the breaker of an account.
func (b *breaker) key(client otp.Provider) string {
	return fmt.Sprintf("breaker of %s: %d, %s", accountOf(client), valueOf(b.Faults), valueOf(b.OpenFor))
}
