package smsfactor

import (
	"cmp"
	"context"
	"net/http"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

const vendor = "smsfactor"

// Client is an account with Octopush: an otp.Provider, with the vendor's operations as methods.
// Make one with [New]. It is safe for concurrent use and needs no Close.
//
// Verification.ID is the vendor's token. Verify checks the code of token and number; after a send
// whose answer was lost there is no token, and the vendor takes the newest code of the number.
type Client struct {
	*provider

	channel      otp.Channel
	sender, text string // of requests that have none; "" = the account's setting

	sendLimiter, verifyLimiter otp.Limiter // nil = no limit
}

type provider = vendorkit.Provider[GenerateRequest]

// New returns a client for the account. Bad values are otp.ErrMisconfigured, with their field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	c := &Client{channel: cmp.Or(cfg.Channel, otp.SMS), sender: cfg.Sender, text: cfg.Text}
	var err error
	c.provider, err = vendorkit.NewProvider(vendorkit.Spec[GenerateRequest]{
		Config: vendorkit.Config{
			Vendor:  vendor,
			BaseURL: cmp.Or(cfg.BaseURL, DefaultBaseURL),
			Account: cfg.APILogin,
			Credentials: []vendorkit.Credential{
				{Field: "api_login", Header: "api-login", Value: cfg.APILogin},
				{Field: "api_key", Header: "api-key", Value: cfg.APIKey},
			},
		},
		Invalid:      cfg.check(),
		Capabilities: capabilities(c.channel),
		Request:      request,
		Send:         func(req GenerateRequest) vendorkit.Call { return c.generate("", req, nil) },
		Verify: func(v otp.Verification, code string) vendorkit.Call {
			req := ValidateRequest{To: v.To, Code: code}
			if v.HasReference() {
				req.Token = v.ID
			}
			return c.validate("", req, nil)
		},
		CanBeCode: validCode.MatchString,
	}, opts...)
	if err != nil {
		return nil, err
	}
	c.sendLimiter = c.Kit().Limiter(otp.Rate{}, otp.SendLimiter)
	c.verifyLimiter = c.Kit().Limiter(otp.Rate{}, otp.VerifyLimiter)
	return c, nil
}

// Generate makes the vendor send a code ("OTP: send a code"). Send has safer defaults.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Generate(ctx context.Context, req GenerateRequest) (*GenerateResponse, error) {
	resp := new(GenerateResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.generate("generate", req, resp)))
}

// generate is the call; resp may be nil.
func (c *Client) generate(op string, req GenerateRequest, resp *GenerateResponse) vendorkit.Call {
	req.Channel = cmp.Or(req.Channel, c.channel)
	req.Sender, req.Text = cmp.Or(req.Sender, c.sender), cmp.Or(req.Text, c.text)
	ticket := req.ticket
	return vendorkit.Call{
		Op: op, Class: vendorkit.Send, Path: "/service/otp/generate", Body: req.body(), Invalid: req.check(),
		Limiter: c.sendLimiter,
		Number:  req.To, DigitsOnly: req.digitsOnly(), TTL: req.TTL,
		Success: func(a vendorkit.Answer) bool { return readGenerated(a, resp, ticket) },
		Sign:    hasGenerated,
		Failure: func(a vendorkit.Answer) vendorkit.Failure { return readFailure(a, vendorkit.Send) },
	}
}

// Validate asks the vendor whether a code is right ("OTP: code validation"). A nil error means that
// it is; nothing else does.
//
// Each wrong code spends one of the attempts, so repeat a call only when otp.OutcomeOf(err) is
// otp.OutcomeNotSent.
func (c *Client) Validate(ctx context.Context, req ValidateRequest) (*ValidateResponse, error) {
	resp := new(ValidateResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.validate("validate", req, resp)))
}

// validate is the call; resp may be nil.
func (c *Client) validate(op string, req ValidateRequest, resp *ValidateResponse) vendorkit.Call {
	return vendorkit.Call{
		Op: op, Class: vendorkit.Verify, Method: http.MethodPut, Path: "/service/otp/validate",
		Body: req.body(), Invalid: req.check(), Limiter: c.verifyLimiter,
		Number: req.To, Code: req.Code,
		Success: func(a vendorkit.Answer) bool { return readValidated(a, resp) },
		Sign:    hasValidated,
		Failure: func(a vendorkit.Answer) vendorkit.Failure { return readFailure(a, vendorkit.Verify) },
	}
}
