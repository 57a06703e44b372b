package smsfactor

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// vendor is the package's name, in Capabilities and in errors.
const vendor = "smsfactor"

// The vendor's operations ("OTP: send a code", "OTP: code validation").
const (
	pathGenerate = "/service/otp/generate" // POST
	pathValidate = "/service/otp/validate" // PUT
)

// Client is an account with Octopush: an otp.Provider with the vendor's operations as methods. Make one with [New],
// share it freely; it needs no Close.
type Client struct {
	http         *httpcall.Client
	sender, text string // of requests that have none; "" = the account's setting
	caps         otp.Capabilities

	sendLimiter, verifyLimiter otp.Limiter // nil = no limit
}

// New returns a client for the account. It makes no request. A bad config or option is refused with an *otp.Error of
// kind otp.ErrMisconfigured that names the field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	core, err := httpcall.New(httpcall.Config{
		Vendor:  vendor,
		BaseURL: cmp.Or(cfg.BaseURL, DefaultBaseURL),
		Credentials: []httpcall.Credential{
			{Field: "api_login", Header: "api-login", Value: cfg.APILogin},
			{Field: "api_key", Header: "api-key", Value: cfg.APIKey},
		},
	}, opts...)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(core); err != nil {
		return nil, err
	}
	return &Client{
		http:          core,
		sender:        cfg.Sender,
		text:          cfg.Text,
		caps:          capabilities(cmp.Or(cfg.Channel, otp.SMS)),
		sendLimiter:   core.Limiter(nil, otp.SendLimiter),
		verifyLimiter: core.Limiter(nil, otp.VerifyLimiter),
	}, nil
}

// check holds the config to the rules of a request.
func (c Config) check(core *httpcall.Client) error {
	err := check.First(
		checkSender(c.Sender),
		checkText(c.Text),
		check.OneOf("channel", c.Channel, otp.SMS, otp.Voice),
	)
	var refused *otp.Error
	if !errors.As(err, &refused) {
		return err
	}
	return core.ConfigError(refused.Field, refused.Err.Error())
}

// Generate makes the vendor send a code ("OTP: send a code"). It sends what it is given, and the client's default
// channel, sender and text; [Client.Send] has safer defaults.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Generate(ctx context.Context, req GenerateRequest) (*GenerateResponse, error) {
	return c.generate(ctx, "generate", req, readGenerated)
}

type reader func(httpcall.Answer, *GenerateResponse) bool

func (c *Client) generate(ctx context.Context, op string, req GenerateRequest, read reader) (*GenerateResponse, error) {
	req.Channel = cmp.Or(req.Channel, channelOf(c.caps.Default))
	req.Sender, req.Text = cmp.Or(req.Sender, c.sender), cmp.Or(req.Text, c.text)
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp GenerateResponse
	err := c.do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Send, Method: http.MethodPost, Path: pathGenerate, Body: req.body(),
		Limiter: c.sendLimiter,
		Number:  req.To,
		Success: func(a httpcall.Answer) bool { return read(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

// Validate asks the vendor whether a code is right ("OTP: code validation"). A nil error means that it is; nothing else
// does.
//
// Each wrong code spends one of the attempts, so repeat a call only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Validate(ctx context.Context, req ValidateRequest) (*ValidateResponse, error) {
	return c.validate(ctx, "validate", req)
}

func (c *Client) validate(ctx context.Context, op string, req ValidateRequest) (*ValidateResponse, error) {
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp ValidateResponse
	err := c.do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Verify, Method: http.MethodPut, Path: pathValidate, Body: req.body(),
		Limiter: c.verifyLimiter,
		Number:  req.To, Code: req.Code,
		Success: func(a httpcall.Answer) bool { return readValidated(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

func (c *Client) do(ctx context.Context, call httpcall.Call) error {
	class := call.Class
	call.Failure = func(a httpcall.Answer) httpcall.Failure { return readFailure(class, a) }
	return c.http.Do(ctx, call)
}
