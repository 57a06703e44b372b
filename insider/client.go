package insider

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// vendor is the package's name, in Capabilities, in errors, and in names of options.
const vendor = "insider"

// The vendor's operations. All are POST but the list.
const (
	pathGenerate       = "/v1/generate"
	pathCheck          = "/v1/check"
	pathCreateChannel  = "/v1/channel/create"
	pathUpdateChannel  = "/v1/channel/update"
	pathCreateTemplate = "/v1/template/create"
	pathUpdateTemplate = "/v1/template/update"
	pathListTemplates  = "/v1/template/list"
)

// Client is an account with Insider: an otp.Provider with the vendor's operations as methods. Make one with [New], share
// it freely; it needs no Close.
type Client struct {
	http     *httpcall.Client
	channel  otp.Channel
	caps     otp.Capabilities
	limiters map[string]otp.Limiter // by operation
}

// New returns a client for the account. It makes no request. A bad config or option is refused with an *otp.Error of kind
// otp.ErrMisconfigured that names the field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	core, err := httpcall.New(httpcall.Config{
		Vendor:      vendor,
		BaseURL:     cmp.Or(cfg.BaseURL, DefaultBaseURL),
		Credentials: []httpcall.Credential{{Field: "api_key", Header: "X-INS-AUTH-KEY", Value: cfg.APIKey}},
	}, opts...)
	if err != nil {
		return nil, err
	}
	channel := cmp.Or(cfg.Channel, otp.SMS)
	if channel != otp.SMS && channel != otp.WhatsApp {
		return nil, core.ConfigError("channel", mustBeOurChannel)
	}
	return &Client{http: core, channel: channel, caps: capabilities(channel), limiters: limiters(core)}, nil
}

// limiters are the vendor's documented limits, unless options have set others.
func limiters(core *httpcall.Client) map[string]otp.Limiter {
	all := map[string]otp.Limiter{
		limitGenerate(otp.SMS): core.Limiter(
			otp.Rate{Events: 250, Per: time.Minute}.Limiter(), limitGenerate(otp.SMS), otp.SendLimiter),
		limitGenerate(otp.WhatsApp): core.Limiter(
			otp.Rate{Events: 750, Per: time.Second}.Limiter(), limitGenerate(otp.WhatsApp), otp.SendLimiter),
		pathCheck: core.Limiter(otp.Rate{Events: 750, Per: time.Minute}.Limiter(), otp.VerifyLimiter),
	}
	for _, path := range []string{
		pathCreateChannel, pathUpdateChannel, pathCreateTemplate, pathUpdateTemplate, pathListTemplates,
	} {
		all[path] = core.Limiter(otp.Rate{Events: 25, Per: time.Minute}.Limiter(), limitSetup)
	}
	return all
}

const mustBeOurChannel = "must be one of: sms, whatsapp"

// limitSetup is the name of the limiter of the channel and template operations.
const limitSetup = vendor + ".setup"

// limitGenerate is the name of a channel's limiter of Generate.
func limitGenerate(channel otp.Channel) string { return vendor + ".generate." + string(channel) }

// WithGenerateLimiter replaces the limit of Generate, and so of Send, on one channel; nil = no limit. It goes before
// otp.WithSendLimiter, which is for both channels. Default: 250 per minute on SMS, 750 per second on WhatsApp.
func WithGenerateLimiter(channel otp.Channel, limiter otp.Limiter) otp.Option {
	return func(s *otp.Settings) error {
		if channel != otp.SMS && channel != otp.WhatsApp {
			return check.Misconfigured("channel", mustBeOurChannel)
		}
		return s.SetLimiter(limitGenerate(channel), limiter)
	}
}

// WithSetupLimiter replaces the limit of the channel and template operations, which then share limiter; nil = no limit.
// Default: 25 per minute for each of them.
func WithSetupLimiter(limiter otp.Limiter) otp.Option {
	return func(s *otp.Settings) error { return s.SetLimiter(limitSetup, limiter) }
}

// Generate makes the vendor send a code ("Generate OTP Codes"). It sends what it is given; [Client.Send] has safer
// defaults.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Generate(ctx context.Context, req GenerateRequest) (*GenerateResponse, error) {
	return c.generate(ctx, "generate", req)
}

func (c *Client) generate(ctx context.Context, op string, req GenerateRequest) (*GenerateResponse, error) {
	req.Channel = cmp.Or(req.Channel, c.channel)
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	resp := GenerateResponse{Channel: req.Channel}
	err := c.do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Send, Path: pathGenerate, Body: req.body(),
		Limiter: c.limiters[limitGenerate(req.Channel)],
		Number:  req.To, Code: req.CustomCode,
		Success: func(a httpcall.Answer) bool { return readGenerated(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

// Check asks the vendor whether a code is right ("Verify OTP Codes"). A nil error means that it is; nothing else does.
//
// The vendor looks the code up by the number. Each wrong code spends one of the attempts, so repeat a call only when
// otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Check(ctx context.Context, req CheckRequest) (*CheckResponse, error) {
	return c.check(ctx, "check", req)
}

func (c *Client) check(ctx context.Context, op string, req CheckRequest) (*CheckResponse, error) {
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	err := c.do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Verify, Path: pathCheck, Body: req.body(),
		Limiter: c.limiters[pathCheck],
		Number:  req.To, Code: req.Code,
		Success: func(a httpcall.Answer) bool { return succeeded(a, http.StatusAccepted) },
	})
	if err != nil {
		return nil, err
	}
	return &CheckResponse{Status: statusSuccess}, nil
}

// CreateChannel sets a channel up, once per brand ("Create a Channel"). On SMS it also installs templates in ten
// languages. A channel that exists is otp.ErrInvalidRequest.
func (c *Client) CreateChannel(ctx context.Context, req CreateChannelRequest) (*CreateChannelResponse, error) {
	body := channelBody(req)
	if err := c.setUp(ctx, "create_channel", pathCreateChannel, http.StatusCreated, body, req.check()); err != nil {
		return nil, err
	}
	return &CreateChannelResponse{Status: statusSuccess}, nil
}

// UpdateChannel renames the brand of the SMS channel ("Update a Channel").
func (c *Client) UpdateChannel(ctx context.Context, req UpdateChannelRequest) (*UpdateChannelResponse, error) {
	req.Channel = cmp.Or(req.Channel, otp.SMS)
	body := channelBody(req)
	if err := c.setUp(ctx, "update_channel", pathUpdateChannel, http.StatusAccepted, body, req.check()); err != nil {
		return nil, err
	}
	return &UpdateChannelResponse{Status: statusSuccess}, nil
}

// CreateTemplate registers a WhatsApp template for a language ("Create OTP Template").
func (c *Client) CreateTemplate(ctx context.Context, req CreateTemplateRequest) (*CreateTemplateResponse, error) {
	req.Channel = cmp.Or(req.Channel, otp.WhatsApp)
	body := templateBody{Channel: req.Channel, Locale: req.Locale, TemplateName: req.TemplateName}
	if err := c.setUp(ctx, "create_template", pathCreateTemplate, http.StatusAccepted, body, req.check()); err != nil {
		return nil, err
	}
	return &CreateTemplateResponse{Status: statusSuccess}, nil
}

// UpdateTemplate replaces the template of a language ("Update OTP Templates"). One that changes nothing is
// otp.ErrInvalidRequest.
func (c *Client) UpdateTemplate(ctx context.Context, req UpdateTemplateRequest) (*UpdateTemplateResponse, error) {
	body := templateBody(req)
	if err := c.setUp(ctx, "update_template", pathUpdateTemplate, http.StatusAccepted, body, req.check()); err != nil {
		return nil, err
	}
	return &UpdateTemplateResponse{Status: statusSuccess}, nil
}

// setUp makes one of the operations that change the account and answer nothing but their success.
func (c *Client) setUp(ctx context.Context, op, path string, success int, body any, refused error) error {
	if refused != nil {
		return c.http.Refused(op, refused)
	}
	return c.do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Send, Path: path, Body: body,
		Limiter: c.limiters[path],
		Success: func(a httpcall.Answer) bool { return succeeded(a, success) },
	})
}

// ListTemplates returns the templates of all channels ("List OTP Templates"). It changes nothing and may be repeated.
func (c *Client) ListTemplates(ctx context.Context, _ ListTemplatesRequest) (*ListTemplatesResponse, error) {
	var resp ListTemplatesResponse
	err := c.do(ctx, httpcall.Call{
		Op: "list_templates", Class: httpcall.Read, Method: http.MethodGet, Path: pathListTemplates,
		Limiter: c.limiters[pathListTemplates],
		Success: func(a httpcall.Answer) bool { return readTemplates(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

func (c *Client) do(ctx context.Context, call httpcall.Call) error {
	call.Method = cmp.Or(call.Method, http.MethodPost)
	call.Failure = readFailure
	return c.http.Do(ctx, call)
}
