package kaleyra

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// vendor is the package's name, in Capabilities, in errors, and in names of options.
const vendor = "kaleyra"

// Client is an account with Kaleyra and one of its flows: an otp.Provider with the vendor's operations as methods. Make
// one with [New], share it freely; it needs no Close.
type Client struct {
	http   *httpcall.Client
	path   string // of Generate; Validate is below it
	flowID string
	ttl    time.Duration // what the flow is declared to have
	caps   otp.Capabilities

	sendLimiter, verifyLimiter otp.Limiter
}

// New returns a client for the account. It makes no request. A bad config or option is refused with an *otp.Error of kind
// otp.ErrMisconfigured that names the field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	core, err := httpcall.New(httpcall.Config{
		Vendor:      vendor,
		BaseURL:     cmp.Or(cfg.BaseURL, DefaultBaseURL),
		Credentials: []httpcall.Credential{{Field: "api_key", Header: "api-key", Value: cfg.APIKey}},
	}, opts...)
	if err != nil {
		return nil, err
	}
	if field, rule := cfg.check(); field != "" {
		return nil, core.ConfigError(field, rule)
	}
	return &Client{
		http:          core,
		path:          "/v1/" + url.PathEscape(cfg.SID) + "/verify",
		flowID:        cfg.FlowID,
		ttl:           cfg.Flow.TTL,
		caps:          capabilities(cfg.Flow),
		sendLimiter:   core.Limiter(nil, otp.SendLimiter), // the vendor publishes no limits
		verifyLimiter: core.Limiter(nil, otp.VerifyLimiter),
	}, nil
}

// Generate makes the vendor send a code by a flow ("Generate OTPs").
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) Generate(ctx context.Context, req GenerateRequest) (*GenerateResponse, error) {
	return c.generate(ctx, "generate", req)
}

func (c *Client) generate(ctx context.Context, op string, req GenerateRequest) (*GenerateResponse, error) {
	req.FlowID = cmp.Or(req.FlowID, c.flowID)
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp GenerateResponse
	err := c.http.Do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Send, Method: http.MethodPost, Path: c.path, Body: req.body(),
		Limiter: c.sendLimiter,
		Number:  req.To,
		Code:    req.Email, // there is no code to hide here, and the address is to be hidden alike
		Success: func(a httpcall.Answer) bool { return readGenerated(a, &resp) },
		Failure: readNotGenerated,
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

// Validate asks the vendor whether a code is right ("Validating OTP"). A nil error means that it is; nothing else does.
//
// A code is accepted once, and each wrong one spends an attempt, so repeat a call only when otp.OutcomeOf(err) is
// otp.OutcomeNotSent.
func (c *Client) Validate(ctx context.Context, req ValidateRequest) (*ValidateResponse, error) {
	return c.validate(ctx, "validate", "", req)
}

// validate knows the recipient's number where its caller does, to hide it.
func (c *Client) validate(ctx context.Context, op, number string, req ValidateRequest) (*ValidateResponse, error) {
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp ValidateResponse
	err := c.http.Do(ctx, httpcall.Call{
		Op: op, Class: httpcall.Verify, Method: http.MethodPost, Path: c.path + "/validate", Body: req.body(),
		Limiter: c.verifyLimiter,
		Number:  number, Code: req.Code,
		Success: func(a httpcall.Answer) bool { return readValidated(a, req.VerifyID, &resp) },
		Failure: func(a httpcall.Answer) httpcall.Failure { return readFailure(a, judgeValidate) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}
