package insider

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

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

// Client is an account with Insider: an otp.Provider, with the vendor's operations as methods. Make
// one with [New]. It is safe for concurrent use and needs no Close.
//
// Verification.ID is the vendor's key on WhatsApp, and random on SMS, where the vendor gives none;
// with [ReportTo], the receipts of the SMS have it, too. Verify checks the newest code of the
// number.
type Client struct {
	*provider

	channel  otp.Channel
	limiters map[string]otp.Limiter // by operation
}

type provider = vendorkit.Provider[GenerateRequest]

// New returns a client for the account. Bad values are otp.ErrMisconfigured, with their field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	c := &Client{channel: cmp.Or(cfg.Channel, otp.SMS)}
	var err error
	c.provider, err = vendorkit.NewProvider(vendorkit.Spec[GenerateRequest]{
		Config: vendorkit.Config{
			Vendor:      vendor,
			BaseURL:     cmp.Or(cfg.BaseURL, DefaultBaseURL),
			Credentials: []vendorkit.Credential{{Field: "api_key", Header: "X-INS-AUTH-KEY", Value: cfg.APIKey}},
		},
		Invalid:      cfg.check(),
		Capabilities: capabilities(c.channel),
		Request:      request,
		Send:         func(req GenerateRequest) vendorkit.Call { return c.generate("", req, nil) },
		Verify: func(v otp.Verification, code string) vendorkit.Call {
			return c.check("", CheckRequest{To: v.To, Code: code})
		},
		CanBeCode: func(code string) bool { return checkCode(code) == nil },
	}, opts...)
	if err != nil {
		return nil, err
	}
	c.limiters = limiters(c.Kit())
	return c, nil
}

func limiters(kit *vendorkit.Client) map[string]otp.Limiter {
	perMinute := func(events int, names ...string) otp.Limiter {
		return kit.Limiter(otp.Rate{Events: events, Per: time.Minute}, names...)
	}
	all := map[string]otp.Limiter{
		limitGenerate(otp.SMS): perMinute(250, limitGenerate(otp.SMS), otp.SendLimiter),
		// "Generate OTP Codes" has 750 per second, the newer page "API Rate Limits" 750 per minute.
		limitGenerate(otp.WhatsApp): perMinute(750, limitGenerate(otp.WhatsApp), otp.SendLimiter),
		pathCheck:                   perMinute(750, otp.VerifyLimiter),
	}
	for _, path := range []string{
		pathCreateChannel, pathUpdateChannel, pathCreateTemplate, pathUpdateTemplate, pathListTemplates,
	} {
		all[path] = perMinute(25, limitSetup, path)
	}
	return all
}

const limitSetup = vendor + ".setup"

func limitGenerate(channel otp.Channel) string { return vendor + ".generate." + string(channel) }

// WithGenerateLimiter replaces the limit of Generate, and so of Send, on one channel; nil = no
// limit. It goes before otp.WithSendLimiter, which is for both channels.
func WithGenerateLimiter(channel otp.Channel, limiter otp.Limiter) otp.Option {
	return func(s *otp.Settings) error {
		return vendorkit.First(
			checkChannel(channel, otp.SMS, otp.WhatsApp), s.SetLimiter(limitGenerate(channel), limiter))
	}
}

// WithSetupLimiter replaces the limit of the channel and template operations, which then share it.
func WithSetupLimiter(limiter otp.Limiter) otp.Option {
	return func(s *otp.Settings) error { return s.SetLimiter(limitSetup, limiter) }
}

// Generate makes the vendor send a code ("Generate OTP Codes"). Send has safer defaults.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Generate(ctx context.Context, req GenerateRequest) (*GenerateResponse, error) {
	resp := new(GenerateResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.generate("generate", req, resp)))
}

// generate is the call; resp may be nil.
func (c *Client) generate(op string, req GenerateRequest, resp *GenerateResponse) vendorkit.Call {
	channel := cmp.Or(req.Channel, c.channel)
	req.Channel = channel
	return vendorkit.Call{
		Op: op, Class: vendorkit.Send, Path: pathGenerate, Body: req.body(), Invalid: req.check(),
		Channel: channel, Limiter: c.limiters[limitGenerate(channel)],
		Number: req.To, Code: req.CustomCode, DigitsOnly: true, TTL: req.TTL, Reference: req.reference,
		Status:  []int{http.StatusAccepted},
		Success: func(a vendorkit.Answer) bool { return readGenerated(a, channel, resp) },
		Sign:    hasGenerated,
		Failure: readFailure,
	}
}

// Check asks the vendor whether a code is right ("Verify OTP Codes"). A nil error means that it is;
// nothing else does.
//
// The vendor looks the code up by the number. Each wrong code spends one of the attempts, so repeat
// a call only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Check(ctx context.Context, req CheckRequest) (*CheckResponse, error) {
	return vendorkit.Answered(&CheckResponse{Status: statusSuccess}, c.Kit().Do(ctx, c.check("check", req)))
}

func (c *Client) check(op string, req CheckRequest) vendorkit.Call {
	return vendorkit.Call{
		Op: op, Class: vendorkit.Verify, Path: pathCheck, Body: req.body(), Invalid: req.check(),
		Limiter: c.limiters[pathCheck],
		Number:  req.To, Code: req.Code,
		Status:  []int{http.StatusAccepted},
		Success: isSuccess,
		Sign:    hasSuccess,
		Failure: readCheckFailure,
	}
}

// CreateChannel sets a channel up, once per brand ("Create a Channel"), SMS with ten templates. A
// channel that exists is otp.ErrInvalidRequest.
func (c *Client) CreateChannel(ctx context.Context, req CreateChannelRequest) (*CreateChannelResponse, error) {
	err := c.setUp(ctx, "create_channel", pathCreateChannel, http.StatusCreated, req, req.check())
	return vendorkit.Answered(&CreateChannelResponse{Status: statusSuccess}, err)
}

// UpdateChannel renames the brand of the SMS channel ("Update a Channel").
func (c *Client) UpdateChannel(ctx context.Context, req UpdateChannelRequest) (*UpdateChannelResponse, error) {
	req.Channel = cmp.Or(req.Channel, otp.SMS)
	err := c.setUp(ctx, "update_channel", pathUpdateChannel, http.StatusAccepted, req, req.check())
	return vendorkit.Answered(&UpdateChannelResponse{Status: statusSuccess}, err)
}

// CreateTemplate registers a WhatsApp template for a language ("Create OTP Template").
func (c *Client) CreateTemplate(ctx context.Context, req CreateTemplateRequest) (*CreateTemplateResponse, error) {
	req.Channel = cmp.Or(req.Channel, otp.WhatsApp)
	err := c.setUp(ctx, "create_template", pathCreateTemplate, http.StatusAccepted, req, req.check())
	return vendorkit.Answered(&CreateTemplateResponse{Status: statusSuccess}, err)
}

// UpdateTemplate replaces a template ("Update OTP Templates"). No change is otp.ErrInvalidRequest.
func (c *Client) UpdateTemplate(ctx context.Context, req UpdateTemplateRequest) (*UpdateTemplateResponse, error) {
	err := c.setUp(ctx, "update_template", pathUpdateTemplate, http.StatusAccepted, req, req.check())
	return vendorkit.Answered(&UpdateTemplateResponse{Status: statusSuccess}, err)
}

func (c *Client) setUp(ctx context.Context, op, path string, success int, body any, invalid error) error {
	return c.Kit().Do(ctx, vendorkit.Call{
		Op: op, Class: vendorkit.Send, Path: path, Body: body, Invalid: invalid, Limiter: c.limiters[path],
		DigitsOnly: true, Status: []int{success}, Success: isSuccess, Sign: hasSuccess, Failure: readSetupFailure,
	})
}

// ListTemplates returns the templates of all channels ("List OTP Templates"). It may be repeated.
func (c *Client) ListTemplates(ctx context.Context, _ ListTemplatesRequest) (*ListTemplatesResponse, error) {
	resp := new(ListTemplatesResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, vendorkit.Call{
		Op: "list_templates", Class: vendorkit.Read, Method: http.MethodGet, Path: pathListTemplates,
		Limiter: c.limiters[pathListTemplates],
		Status:  []int{http.StatusOK},
		Success: func(a vendorkit.Answer) bool { return readTemplates(a, resp) },
		Failure: readSetupFailure,
	}))
}
