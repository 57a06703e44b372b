package hypersender

import (
	"cmp"
	"context"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

const vendor = "hypersender"

// The vendor's operations. All are POST.
const (
	pathRequestCode  = "/{instance}/request-code"
	pathValidateCode = "/{instance}/validate-code"
	pathGenerateLink = "/{instance}/generate-link"
)

// Client is one instance of an account with Hypersender: an otp.Provider, with the vendor's
// operations as methods. Make one with [New]. It is safe for concurrent use and needs no Close.
//
// It is WhatsApp only: no page shows how to ask for SMS. Send makes codes of digits; see
// [Alphabet]. Verification.ID is the vendor's UUID. Verify checks the newest code of the number.
// The vendor documents no limit on attempts: keep one of your own.
type Client struct {
	*provider

	appName                    string
	segments                   []string // of a path: the instance
	sendLimiter, verifyLimiter otp.Limiter
}

type provider = vendorkit.Provider[RequestCodeRequest]

// New returns a client for the instance. Bad values are otp.ErrMisconfigured, with their field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	c := &Client{segments: []string{cfg.Instance}, appName: cfg.AppName}
	var err error
	c.provider, err = vendorkit.NewProvider(vendorkit.Spec[RequestCodeRequest]{
		Config: vendorkit.Config{
			Vendor:      vendor,
			BaseURL:     cmp.Or(cfg.BaseURL, DefaultBaseURL),
			Account:     cfg.Instance,
			Credentials: []vendorkit.Credential{{Field: "token", Header: "Authorization", Prefix: "Bearer ", Value: cfg.Token}},
		},
		Invalid:      cfg.check(),
		Capabilities: capabilities(),
		Request:      request,
		Send:         func(req RequestCodeRequest) vendorkit.Call { return c.requestCode("", req, nil) },
		Verify: func(v otp.Verification, code string) vendorkit.Call {
			if !v.HasReference() {
				v.ID = ""
			}
			req := ValidateCodeRequest{ChatID: chatID(v.To), Code: code}
			return c.validateCode("", req, v.ID, nil)
		},
		CanBeCode: codeForm.MatchString,
	}, opts...)
	if err != nil {
		return nil, err
	}
	c.sendLimiter = c.Kit().Limiter(otp.Rate{}, otp.SendLimiter) // the vendor documents no limits
	c.verifyLimiter = c.Kit().Limiter(otp.Rate{}, otp.VerifyLimiter)
	return c, nil
}

// Instance is the instance's UUID, a segment of every path.
func (c *Client) Instance() string { return c.segments[0] }

// RequestCode makes the vendor make a code and queue a message with it ("Request OTP Code"). Send
// has safer defaults. Expect a new code for a chat to replace the one before.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) RequestCode(ctx context.Context, req RequestCodeRequest) (*RequestCodeResponse, error) {
	resp := new(RequestCodeResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.requestCode("request_code", req, resp)))
}

// requestCode is the call; resp may be nil.
func (c *Client) requestCode(op string, req RequestCodeRequest, resp *RequestCodeResponse) vendorkit.Call {
	return vendorkit.Call{
		Op: op, Class: vendorkit.Send, Path: pathRequestCode, Segments: c.segments,
		Body: req.body(c.appName), Invalid: req.check(),
		Limiter: c.sendLimiter,
		Number:  digitsOf(req.ChatID), TTL: cmp.Or(req.Expires, defaultExpires),
		Success: func(a vendorkit.Answer) bool { return readRequested(a, req.ChatID, resp) },
		Sign:    hasSent,
		Failure: readSendFailure,
	}
}

// ValidateCode asks the vendor whether a code is the active one of a chat ("validate-code"). A nil
// error means that it is; nothing else does. A code is accepted once.
//
// The vendor documents no limit on attempts: keep one of your own. Repeat a call only when
// otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) ValidateCode(ctx context.Context, req ValidateCodeRequest) (*ValidateCodeResponse, error) {
	resp := new(ValidateCodeResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, c.validateCode("validate_code", req, "", resp)))
}

// validateCode takes the UUID of the request for the code; "" = not known. resp may be nil.
func (c *Client) validateCode(op string, req ValidateCodeRequest, uuid string, resp *ValidateCodeResponse) vendorkit.Call {
	return vendorkit.Call{
		Op: op, Class: vendorkit.Verify, Path: pathValidateCode, Segments: c.segments,
		Body: req.body(), Invalid: req.check(),
		Limiter: c.verifyLimiter,
		Number:  digitsOf(req.ChatID), Code: req.Code,
		Success: func(a vendorkit.Answer) bool { return readValidated(a, uuid, req.ChatID, resp) },
		Sign:    hasValidated,
		Failure: readValidateFailure,
	}
}

// GenerateLink makes a WhatsApp link that you deliver to a person. Opened, it holds a message to
// your own number; who sends it is verified, and the callbacks notify you ("generate-link").
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) GenerateLink(ctx context.Context, req GenerateLinkRequest) (*GenerateLinkResponse, error) {
	resp := new(GenerateLinkResponse)
	return vendorkit.Answered(resp, c.Kit().Do(ctx, vendorkit.Call{
		Op: "generate_link", Class: vendorkit.Send, Path: pathGenerateLink, Segments: c.segments,
		Body: req.body(c.appName), Invalid: req.check(),
		Limiter: c.sendLimiter,
		Number:  digitsOf(req.ChatID),
		Success: func(a vendorkit.Answer) bool { return readLink(a, resp) },
		Sign:    hasSent,
		Failure: readSendFailure,
	}))
}
