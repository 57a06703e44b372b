package otpconfig

import (
	"fmt"
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/internal/redact"
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

	// SendLimiter is the name of a limiter that the program hands in, such as one that several
	// processes share, in place of send_limit.
	SendLimiter string `yaml:"send_limiter,omitempty"`

	// VerifyLimiter is such a name for verifications.
	VerifyLimiter string `yaml:"verify_limiter,omitempty"`

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

	// PlainHTTP allows http in a base URL: for a simulator on another host, never for a vendor.
	PlainHTTP bool `yaml:"plain_http,omitempty"`

	// CAFile is the path of a file with the certificates, in PEM, by which the vendor is known,
	// instead of those of the system.
	CAFile string `yaml:"ca_file,omitempty"`

	// ClientCertFile is the path of a file with the certificate, in PEM, that the vendor or a proxy
	// asks for.
	ClientCertFile string `yaml:"client_cert_file,omitempty"`

	// ClientKeyFile is the path of a file with the key of that certificate.
	ClientKeyFile string `yaml:"client_key_file,omitempty"`

	// Proxy is what all requests go through: "http://user:password@host:3128", or https or socks5.
	// Default: the environment's, HTTPS_PROXY.
	Proxy string `yaml:"proxy,omitempty" mask:"secret"`
}

// MarshalJSON hides the proxy, whose URL may hold a password.
func (c common) MarshalJSON() ([]byte, error) { return redact.MarshalJSON(c) }

// ofSenders are the settings that own codes have no use for: they belong to the providers that send the texts.
func ofSenders() []string {
	return []string{
		"send_limit", "verify_limit", "send_limiter", "verify_limiter", "retry", "plain_http", "ca_file",
		"client_cert_file", "client_key_file", "proxy", "proxy_file",
	}
}

// refuseContradictions reports settings that cannot both be meant.
func (i *instance) refuseContradictions(p *problems, n *node) {
	for _, op := range []string{"send", "verify"} {
		if n.member(op+"_limit") != nil && n.member(op+"_limiter") != nil {
			p.add(i.path(op+"_limiter"), n.placeOf(op+"_limiter"), "must not be given together with "+op+"_limit")
		}
	}
	if i.vendor == nil || i.vendor.config != reflect.TypeFor[ownCode]() {
		return
	}
	for _, field := range ofSenders() {
		if n.member(field) != nil && (field != "proxy" || n.member("proxy_file") == nil) {
			p.add(i.path(field), n.placeOf(field), "belongs to the provider that sends the texts")
		}
	}
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
func (i *instance) options(b *assembly) ([]otp.Option, error) {
	s, options := i.settings, []otp.Option{otp.WithName(i.name)}
	if policy := otp.RetryPolicy(s.Retry); policy != (otp.RetryPolicy{}) {
		options = append(options, otp.WithRetry(policy))
	}
	if s.SendLimit != nil {
		options = append(options, otp.WithSendRate(*s.SendLimit))
	}
	if s.VerifyLimit != nil {
		options = append(options, otp.WithVerifyRate(*s.VerifyLimit))
	}
	for _, named := range []struct {
		field, name string
		with        func(otp.Limiter) otp.Option
	}{
		{"send_limiter", s.SendLimiter, otp.WithSendLimiter},
		{"verify_limiter", s.VerifyLimiter, otp.WithVerifyLimiter},
	} {
		if named.name == "" {
			continue
		}
		limiter, err := handedIn(b, named.field, named.name, i.registry.Limiters)
		if err != nil {
			return nil, err
		}
		options = append(options, named.with(limiter))
	}
	if s.Timeout != nil {
		options = append(options, otp.WithTimeout(*s.Timeout))
	}
	if s.PlainHTTP {
		options = append(options, otp.WithPlainHTTP())
	}
	if i.network != (network{}) {
		set, err := otp.Apply(b.options...)
		if err != nil {
			return nil, err
		}
		client, err := i.network.client(set.HTTPClient)
		if err != nil {
			return nil, err
		}
		options = append(options, otp.WithHTTPClient(client))
	}
	return options, nil
}

// around puts the breaker around a client. Clients of one account with the same settings share its state.
func (b *breaker) around(client otp.Provider, account string, shared *otp.Shared) (otp.Provider, error) {
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
	key := fmt.Sprintf("breaker of %s: %d, %s", account, valueOf(b.Faults), valueOf(b.OpenFor))
	if first := otp.SharedValue(shared, key, func() *route.CircuitBreaker { return made }); first != made {
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
