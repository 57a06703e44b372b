package vendorkit

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// version of the library, sent as "otp-go/VERSION" in the User-Agent header.
const version = "0.1.0"

const defaultTimeout = 10 * time.Second

// Config is what a vendor builds its client from.
type Config struct {
	Vendor  string // the package's name, and the instance's unless an option names it
	BaseURL string // everything before a call's path. It must be https, unless it is a loopback address

	// Account is what identifies the account at the vendor beside its host: a SID, an instance, a
	// login. "" = its credentials. Clients of one account share limits and pauses, see
	// [otp.WithShared].
	Account string

	// Credentials go into a header each.
	Credentials []Credential
}

// Credential is one secret of the account, and the header that it goes into.
type Credential struct {
	Field string // its name in the vendor's Config: "api_key"

	// Header is the header's name, Prefix what stands before the secret: "Authorization", "Bearer ".
	Header, Prefix string

	Value   string   // the secret. "" = it is made for each attempt
	Secrets []string // what Value is made of, as in basic auth; they are never shown either

	// Make returns the value for each attempt, instead of Value: a signed token, or an OAuth token
	// from a cache. refused is the value that the vendor has just refused, see [Failure.Renew], which
	// a cache drops; "" = none. Its error is otp.ErrUnavailable, or its own kind if it is an
	// *otp.Error: not sent.
	Make func(ctx context.Context, refused string) (string, error)
}

// Basic is the credential of basic auth. Neither part is ever shown, nor both as in the header.
func Basic(field, user, password string) Credential {
	c := Credential{Field: field, Header: "Authorization", Prefix: "Basic ", Secrets: []string{user, password}}
	if user != "" && password != "" && !strings.Contains(user, ":") {
		c.Value = base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	}
	return c
}

// Client makes the calls of one account. No printer or encoder finds what is behind the function.
type Client struct{ core func() *core }

type core struct {
	vendor, name string
	account      string
	settings     otp.Settings
	base         *url.URL
	timeout      time.Duration
	tooSlow      error // the cause of an attempt's end when its time is over
	retry        otp.RetryPolicy
	budget       *rate.Limiter // of retries
	pauses       *pauses
	logger       *slog.Logger

	transport func() transport

	fixed     http.Header
	none      http.Header // no header at all, which is not nil
	made      []Credential
	renewable bool
	masker    func(secrets []string, code, number string) redact.Masker
	scratches sync.Pool
}

// New checks all before the first request. Its errors are otp.ErrMisconfigured, with the field.
func New(cfg Config, options ...otp.Option) (*Client, error) {
	k := &core{vendor: cfg.Vendor, name: cfg.Vendor, none: make(http.Header)}
	c := &Client{core: func() *core { return k }}
	if cfg.Vendor == "" {
		return nil, c.misconfigured("vendor", "must not be empty")
	}
	settings, err := otp.Apply(options...)
	if err != nil {
		return nil, c.configured(err)
	}
	k.apply(settings)
	for _, credential := range cfg.Credentials {
		if rule := credential.check(); rule != "" {
			return nil, c.misconfigured(credential.Field, rule)
		}
	}
	if k.base, err = parseBaseURL(cfg.BaseURL, settings.PlainHTTP); err != nil {
		return nil, c.misconfigured("base_url", err.Error())
	}
	k.transport = transportsOf(settings.HTTPClient)
	k.keepSecrets(cfg)
	k.pauses = otp.SharedValue(settings.Shared, k.key("pauses"), func() *pauses { return new(pauses) })
	return c, nil
}

func (k *core) apply(s otp.Settings) {
	k.settings = s
	k.name = cmp.Or(s.Name, k.vendor)
	k.timeout = cmp.Or(s.Timeout, defaultTimeout)
	if s.HTTPClient != nil && s.HTTPClient.Timeout > 0 {
		k.timeout = min(k.timeout, s.HTTPClient.Timeout)
	}
	k.tooSlow = tooSlow("no answer", k.timeout)
	k.retry, k.budget = retryPolicy(s.Retry), rate.NewLimiter(retriesPerSecond, retriesAtOnce)
	k.logger = s.Logger
}

func (k *core) keepSecrets(cfg Config) {
	k.fixed = http.Header{
		"Accept":          {"application/json"},
		"Accept-Encoding": {"identity"},
		"User-Agent":      {cmp.Or(k.settings.UserAgent, "otp-go/"+version)},
	}
	var secrets []string
	for _, credential := range cfg.Credentials {
		secrets = append(secrets, credential.Secrets...)
		if credential.Make != nil {
			k.made, k.renewable = append(k.made, credential), true
			continue
		}
		k.fixed.Set(credential.Header, credential.Prefix+credential.Value)
		secrets = append(secrets, credential.Value)
	}
	k.account = cfg.Account
	if k.account == "" { // the first key under a name stands for the account, so that a new key changes nothing
		k.account = otp.SharedValue(k.settings.Shared, redact.Digest(k.vendor, k.base.String(), k.name, "account"),
			func() string { return redact.Digest(secrets...) })
	}
	keys := redact.NewKeys(secrets)
	k.masker = func(more []string, code, number string) redact.Masker { return keys.Masker(more, code, number) }
}

// Account is a text that is the same for all clients of one account, and shows none of its secrets.
func (c *Client) Account() string { return c.core().key("account") }

func (k *core) key(what string) string {
	return redact.Digest(k.vendor, k.base.String(), k.account, what)
}

// header is what an attempt carries. It is a new map each time: transports that wrap others are
// known to write to it. The values are shared; none has room to append to.
func (k *core) header(ctx context.Context, x *exchange) (http.Header, error) {
	var made []string
	h := maps.Clone(k.fixed)
	switch {
	case x.call.Form != nil:
		h["Content-Type"] = formType
	case x.body != nil:
		h["Content-Type"] = jsonType
	}
	for name, value := range x.call.Header {
		h[http.CanonicalHeaderKey(name)] = value
	}
	for i, credential := range k.made {
		refused := ""
		if x.fresh {
			refused = x.made[len(x.made)-len(k.made)+i] // by the attempt before
		}
		value, err := credential.make(ctx, refused)
		if err != nil {
			return nil, err
		}
		made = append(made, value)
		h.Set(credential.Header, credential.Prefix+value)
	}
	if len(made) > 0 {
		x.made, x.masker, x.fresh = append(x.made, made...), nil, false
	}
	return h, nil
}

var (
	jsonType = []string{"application/json"}                  //nolint:gochecknoglobals // nothing changes it
	formType = []string{"application/x-www-form-urlencoded"} //nolint:gochecknoglobals // likewise
)

// make calls what makes a credential, which comes from outside and may not look at its context.
func (c Credential) make(ctx context.Context, refused string) (string, error) {
	made, err := inTime(ctx, func() (string, error) { return c.Make(ctx, refused) }, nil)
	if rule := checkSecret(made); err == nil && rule != "" {
		return "", errors.New("what was made " + rule)
	}
	return made, err
}

func (c Credential) check() string {
	switch {
	case c.Header == "":
		return "needs the header that it goes into"
	case c.Make != nil && c.Value != "":
		return "must be either a value or made for each attempt"
	}
	for _, secret := range c.Secrets {
		if rule := checkSecret(secret); rule != "" {
			return rule
		}
	}
	if c.Make != nil {
		return ""
	}
	return checkSecret(c.Value)
}

var headerValue = regexp.MustCompile(`\A[!-~]([ -~]*[!-~])?\z`)

func checkSecret(value string) string {
	switch {
	case value == "":
		return "must not be empty"
	case value == redact.Masked:
		return "is the mask of a printed config, not the secret itself"
	case !headerValue.MatchString(value):
		return "must be printable ASCII without space or line breaks at its ends"
	default:
		return ""
	}
}

// Name is the instance's name.
func (c *Client) Name() string { return c.core().name }

// String says which instance goes to which host, and nothing else.
func (c *Client) String() string { return c.core().name + " at " + c.core().base.Host }

// Limiter returns the limiter that an option has set under the first of names, nil for "no limit";
// else one that keeps the rate, the same for all clients of the account that share their limits.
func (c *Client) Limiter(fallback otp.Rate, names ...string) otp.Limiter {
	k := c.core()
	limiter := func(name string, r otp.Rate) otp.Limiter {
		if r == (otp.Rate{}) {
			return nil
		}
		return otp.SharedValue(k.settings.Shared, k.key(name+" "+r.String()), r.Limiter)
	}
	if name, r := k.settings.Rate(names...); name != "" && k.settings.Shared != nil {
		return limiter(name, r)
	}
	return k.settings.Limiter(limiter(strings.Join(names, " "), fallback), names...)
}

func (c *Client) misconfigured(field, rule string) error { return c.configured(Invalid(field, rule)) }

func (c *Client) configured(err error) error { return misconfiguredBy(c.core().name, "new", err) }

func (c *Client) refused(op string, err error) error { return refusedBy(c.core().name, op, err) }

func misconfiguredBy(provider, op string, err error) error {
	failure := refusedBy(provider, op, err)
	failure.Kind = otp.ErrMisconfigured
	return failure
}

func refusedBy(provider, op string, err error) *otp.Error {
	failure := asRefused(err)
	failure.Provider, failure.Op = provider, op
	return failure
}

// parseBaseURL returns the base URL without a trailing slash, or the rule, never the URL itself.
func parseBaseURL(raw string, plainHTTP bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Hostname() == "", u.Opaque != "":
		return nil, errors.New(`must be an absolute URL such as "https://host/path"`)
	case u.User != nil:
		return nil, errors.New("must not hold a user or password")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return nil, errors.New("must not have a query or a fragment")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(s string) bool { return s == "." || s == ".." }):
		return nil, errors.New(`must not have "." or ".." in its path`)
	case u.Scheme == "https":
	case u.Scheme == "http" && (plainHTTP || isLoopback(u.Hostname())):
	default:
		return nil, errors.New("must be https; plain http is for loopback addresses, or needs plain_http, otp.WithPlainHTTP")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
