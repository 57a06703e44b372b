package otpconfig

import (
	"cmp"
	"fmt"
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

type common struct {
	// SendLimit replaces the vendor's default limit on sends: "250/1m", or "unlimited". See
	// otp.Rate.
	SendLimit *otp.Rate `yaml:"send_limit,omitempty"`
	// VerifyLimit replaces the vendor's default limit on verifications.
	VerifyLimit *otp.Rate `yaml:"verify_limit,omitempty"`
	// SendLimiter is the name of a limiter that the program hands in, in place of a rate.
	SendLimiter string `yaml:"send_limiter,omitempty"`
	// VerifyLimiter is such a name for verifications.
	VerifyLimiter string `yaml:"verify_limiter,omitempty"`
	// Timeout bounds one attempt: "5s". Default: 10 seconds. See otp.WithTimeout.
	Timeout *time.Duration `yaml:"timeout,omitempty"`
	// Retry says how often a request is tried that was certainly not sent. See otp.RetryPolicy.
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
	// CAFile is the path of certificates in PEM that the vendor's is checked by. Default: the
	// system's.
	CAFile string `yaml:"ca_file,omitempty"`
	// ClientCertFile is the path of the certificate, in PEM, that the vendor or a proxy asks for.
	ClientCertFile string `yaml:"client_cert_file,omitempty"`
	// ClientKeyFile is the path of the key of that certificate.
	ClientKeyFile string `yaml:"client_key_file,omitempty"`
	// Proxy is "http://user:password@host:3128", or one of https or socks5. Default: that of
	// HTTPS_PROXY.
	Proxy string `yaml:"proxy,omitempty" mask:"secret"`
}

func (i *instance) refuseContradictions(p *problems, n *node) {
	for _, op := range []string{"send", "verify"} {
		if n.member(op+"_limit") != nil && n.member(op+"_limiter") != nil {
			p.add(i.path(op+"_limiter"), n.placeOf(op+"_limiter"), "must not be given together with "+op+"_limit")
		}
	}
	if !i.vendor.isOwn() {
		return
	}
	for _, field := range []string{
		"send_limit", "verify_limit", "send_limiter", "verify_limiter", "retry", "plain_http",
		"ca_file", "client_cert_file", "client_key_file", "proxy",
	} {
		if n.member(field) != nil {
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
func (i *instance) options(b *assembly) (all []otp.Option, err error) {
	add := func(isSet bool, option otp.Option) {
		if isSet {
			all = append(all, option)
		}
	}
	s, limiters := i.settings, i.registry.Limiters
	add(true, otp.WithName(i.name))
	add(s.Retry != retry{}, otp.WithRetry(otp.RetryPolicy(s.Retry)))
	add(s.SendLimit != nil, otp.WithSendRate(valueOf(s.SendLimit)))
	add(s.VerifyLimit != nil, otp.WithVerifyRate(valueOf(s.VerifyLimit)))
	add(s.Timeout != nil, otp.WithTimeout(valueOf(s.Timeout)))
	add(s.PlainHTTP, otp.WithPlainHTTP())
	if s.SendLimiter != "" {
		limiter, missing := handedIn(b, "send_limiter", s.SendLimiter, limiters)
		err = cmp.Or(err, missing)
		add(true, otp.WithSendLimiter(limiter))
	}
	if s.VerifyLimiter != "" {
		limiter, missing := handedIn(b, "verify_limiter", s.VerifyLimiter, limiters)
		err = cmp.Or(err, missing)
		add(true, otp.WithVerifyLimiter(limiter))
	}
	if i.network != (network{}) {
		program, refused := otp.Apply(b.options...)
		client, wrong := i.network.client(program.HTTPClient)
		err = cmp.Or(err, refused, wrong)
		add(true, otp.WithHTTPClient(client))
	}
	return all, err
}

// around puts the breaker around a client. Clients of one account with the same settings share its
// state.
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

func valueOf[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
