package httpcall

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"sync"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

const defaultTimeout = 10 * time.Second

// Config is what a vendor builds its client from.
type Config struct {
	// Vendor is the package's name, and the instance's unless an option names it.
	Vendor  string
	BaseURL string

	// Credentials go into a header each.
	Credentials []Credential
}

// Credential is one secret of the account.
type Credential struct {
	Field  string // its name in the vendor's Config: "api_key"
	Header string
	Prefix string // "Bearer "
	Value  string
}

// Client makes the calls of one vendor account. It holds its secrets in closures, where no format verb, encoder or
// printer of structures finds them.
type Client struct {
	vendor, name string
	base         *url.URL
	timeout      time.Duration
	tooSlow      error // the cause of an attempt's end when its time is over
	retry        otp.RetryPolicy
	budget       *rate.Limiter // of retries
	gates        gates
	logger       *slog.Logger
	settings     otp.Settings

	transport http.RoundTripper
	own       bool // what a trace of the transport shows is a proof
	loop      *retryablehttp.Client

	header  func(withBody bool) http.Header
	masker  func(Call) redact.Masker
	none    http.Header // no header at all, which is not nil
	buffers sync.Pool   // of *bytes.Buffer
}

// New applies the options and checks everything that can be wrong before the first request. Its errors name the field
// and never show a value.
func New(cfg Config, options ...otp.Option) (*Client, error) {
	c := &Client{vendor: cfg.Vendor, name: cfg.Vendor}
	if err := c.apply(options); err != nil {
		return nil, err
	}
	for _, credential := range cfg.Credentials {
		if rule := checkCredential(credential.Value); rule != "" {
			return nil, c.ConfigError(credential.Field, rule)
		}
	}
	base, err := parseBaseURL(cfg.BaseURL, c.settings.PlainHTTP)
	if err != nil {
		return nil, c.ConfigError("base_url", err.Error())
	}
	c.base, c.none = base, make(http.Header)
	c.transport, c.own = transportOf(c.settings.HTTPClient)
	c.loop = newLoop(c.retry)
	c.hold(cfg.Credentials)
	return c, nil
}

func (c *Client) apply(options []otp.Option) error {
	s, err := otp.Apply(options...)
	if err != nil {
		return c.named(err)
	}
	c.settings = s
	c.name = cmp.Or(s.Name, c.vendor)
	c.timeout = cmp.Or(s.Timeout, defaultTimeout)
	if s.HTTPClient != nil && s.HTTPClient.Timeout > 0 {
		c.timeout = min(c.timeout, s.HTTPClient.Timeout)
	}
	c.tooSlow = tooSlow("no answer", c.timeout)
	c.retry, c.budget = retryPolicy(s.Retry), newBudget()
	c.logger = s.Logger
	return nil
}

// named puts the client's name on the error of an option.
func (c *Client) named(err error) error {
	var refused *otp.Error
	if !errors.As(err, &refused) {
		refused = &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Err: err}
	}
	refused.Provider, refused.Op = cmp.Or(c.settings.Name, c.vendor), opNew
	return refused
}

const opNew = "new"

// ConfigError is the error of a config field that breaks a rule.
func (c *Client) ConfigError(field, rule string) error {
	return c.named(check.Misconfigured(field, rule))
}

// Name is the instance's name.
func (c *Client) Name() string { return c.name }

// Limiter returns the limiter that an option has set under the first of names, else fallback.
func (c *Client) Limiter(fallback otp.Limiter, names ...string) otp.Limiter {
	return c.settings.Limiter(fallback, names...)
}

// hold keeps the secrets where only the code that needs them can reach them.
func (c *Client) hold(credentials []Credential) {
	fixed := http.Header{
		"Accept":       {"application/json"},
		"Content-Type": {"application/json"},
		"User-Agent":   {cmp.Or(c.settings.UserAgent, "otp-go/"+Version)},
	}
	var secrets []string
	for _, credential := range credentials {
		fixed.Set(credential.Header, credential.Prefix+credential.Value)
		secrets = append(secrets, credential.Value)
	}
	// A new map each time: transports that wrap others are known to write to it. The values are shared; none has room
	// to append to.
	c.header = func(withBody bool) http.Header {
		h := make(http.Header, len(fixed))
		for name, value := range fixed {
			h[name] = value
		}
		if !withBody {
			delete(h, "Content-Type")
		}
		return h
	}
	c.masker = func(call Call) redact.Masker {
		return redact.NewMasker(secrets, call.Code, call.Number)
	}
}

var headerValue = regexp.MustCompile(`\A[!-~]([ -~]*[!-~])?\z`)

// checkCredential returns the rule that a secret breaks, or "".
func checkCredential(value string) string {
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

// newLoop wires go-retryablehttp so that nothing is decided by its defaults: they repeat a POST that was sent, follow
// redirects, print URLs to standard error and sleep as long as a server says.
func newLoop(retry otp.RetryPolicy) *retryablehttp.Client {
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: attempts{}},
		Logger:       nil,
		RetryMax:     retry.MaxAttempts,
		RetryWaitMin: retry.MinWait,
		RetryWaitMax: retry.MaxWait,
		CheckRetry:   checkRetry,
		Backoff:      backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
}

// Refused puts the client's name and the operation on the error of a check that ran before any request.
func (c *Client) Refused(op string, err error) error {
	var refused *otp.Error
	if errors.As(err, &refused) {
		refused.Provider, refused.Op = c.name, op
	}
	return err
}
