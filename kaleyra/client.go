package kaleyra

import (
	"cmp"
	"context"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

const vendor = "kaleyra"

// The vendor's operations. Both are POST.
const (
	pathGenerate = "/v1/{sid}/verify"
	pathValidate = "/v1/{sid}/verify/validate"
)

// Client is an account with Kaleyra and one of its flows: an otp.Provider, with the vendor's
// operations as methods. Make one with [New]. It is safe for concurrent use and needs no Close.
//
// Send takes a request that asks for what [Config.Flow] declares; any other length, lifetime or
// channel, a number of attempts, or an own code is otp.ErrUnsupported. Verification.ID is the
// vendor's verify ID, Channel the one asked for, else the flow's first, and ExpiresAt the declared
// lifetime, zero when none is declared. Verify needs Provider and ID alone; without a verify ID,
// because the answer to the send was lost, it is otp.ErrUnavailable and nobody is asked.
type Client struct {
	*provider

	flowID                     string
	segments                   []string // of a path: the SID
	smsSender, smsTemplateID   string
	smsCallbackProfileID       string
	ttl                        time.Duration // what the flow is declared to have
	sendLimiter, verifyLimiter otp.Limiter
}

type provider = vendorkit.Provider[GenerateRequest]

// New returns a client for the account. Bad values are otp.ErrMisconfigured, with their field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	c := &Client{
		segments: []string{cfg.SID}, flowID: cfg.FlowID, ttl: cfg.Flow.TTL,
		smsSender: cfg.SMSSender, smsTemplateID: cfg.SMSTemplateID,
		smsCallbackProfileID: cfg.SMSCallbackProfileID,
	}
	var err error
	c.provider, err = vendorkit.NewProvider(vendorkit.Spec[GenerateRequest]{
		Config: vendorkit.Config{
			Vendor:      vendor,
			BaseURL:     cmp.Or(cfg.BaseURL, DefaultBaseURL),
			Account:     cfg.SID,
			Credentials: []vendorkit.Credential{{Field: "api_key", Header: "api-key", Value: cfg.APIKey}},
		},
		Invalid:      cfg.check(),
		Capabilities: capabilities(cfg.Flow),
		Request:      request,
		Send:         func(req GenerateRequest) vendorkit.Call { return c.generate("", req, nil) },
		Verify: func(v otp.Verification, code string) vendorkit.Call {
			return c.validate("", ValidateRequest{VerifyID: v.ID, Code: code}, nil)
		},
		CanBeCode:       validCode.MatchString,
		ByReferenceOnly: true,
	}, opts...)
	if err != nil {
		return nil, err
	}
	none := otp.Rate{} // the vendor publishes no limits
	c.sendLimiter = c.Kit().Limiter(none, otp.SendLimiter)
	c.verifyLimiter = c.Kit().Limiter(none, otp.VerifyLimiter)
	return c, nil
}

// SID is the account's security identifier, a segment of every path.
func (c *Client) SID() string { return c.segments[0] }

// Generate makes the vendor send a code by a flow ("Generate OTPs").
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Generate(ctx context.Context, req GenerateRequest) (*GenerateResponse, error) {
	resp := new(GenerateResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.generate("generate", req, resp)))
}

// generate is the call; resp may be nil.
func (c *Client) generate(op string, req GenerateRequest, resp *GenerateResponse) vendorkit.Call {
	req.FlowID = cmp.Or(req.FlowID, c.flowID)
	number := req.To
	return vendorkit.Call{
		Op: op, Class: vendorkit.Send, Path: pathGenerate, Segments: c.segments,
		Body: req.body(), Invalid: req.check(),
		Limiter: c.sendLimiter,
		Number:  number, Secrets: []string{req.Email}, TTL: c.ttl,
		Success: func(a vendorkit.Answer) bool { return readGenerated(a, number, resp) },
		Sign:    hasVerifyID,
		Failure: readGenerateFailure,
	}
}

// Validate asks the vendor whether a code is right ("Validating OTP"). A nil error means that it
// is; nothing else does.
//
// A code is accepted once, and each wrong one spends an attempt, so repeat a call only when
// otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Validate(ctx context.Context, req ValidateRequest) (*ValidateResponse, error) {
	resp := new(ValidateResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.validate("validate", req, resp)))
}

// validate is the call; resp may be nil.
func (c *Client) validate(op string, req ValidateRequest, resp *ValidateResponse) vendorkit.Call {
	return vendorkit.Call{
		Op: op, Class: vendorkit.Verify, Path: pathValidate, Segments: c.segments,
		Body: req.body(), Invalid: req.check(),
		Limiter: c.verifyLimiter,
		Code:    req.Code,
		Success: func(a vendorkit.Answer) bool { return readValidated(a, req.VerifyID, resp) },
		Sign:    hasVerifyID,
		Failure: readValidateFailure,
	}
}
