package hypersender

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/otp"
)

// vendor is the package's name, in Capabilities, in errors, and in names of options.
const vendor = "hypersender"

// The vendor's operations, below the instance. All are POST.
const (
	pathRequestCode  = "/request-code"
	pathValidateCode = "/validate-code"
	pathGenerateLink = "/generate-link"
)

// Client is one instance of an account with Hypersender: an otp.Provider with the vendor's operations as methods. Make
// one with [New], share it freely; it needs no Close.
type Client struct {
	http         *httpcall.Client
	instance     string // as it stands in the URL
	appName      string
	caps         otp.Capabilities
	send, verify otp.Limiter
}

// instanceID is what may stand in the path. Dots and slashes would lead elsewhere.
var instanceID = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,64}\z`)

// New returns a client for the instance. It makes no request. A bad config or option is refused with an *otp.Error of
// kind otp.ErrMisconfigured that names the field.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	core, err := httpcall.New(httpcall.Config{
		Vendor:  vendor,
		BaseURL: cmp.Or(cfg.BaseURL, DefaultBaseURL),
		Credentials: []httpcall.Credential{
			{Field: "token", Header: "Authorization", Prefix: "Bearer ", Value: cfg.Token},
		},
	}, opts...)
	if err != nil {
		return nil, err
	}
	if !instanceID.MatchString(cfg.Instance) {
		return nil, core.ConfigError("instance", `must be 1 to 64 letters, digits, "-" or "_"`)
	}
	if strings.TrimSpace(cfg.AppName) == "" {
		return nil, core.ConfigError("app_name", "must not be empty")
	}
	return &Client{
		http:     core,
		instance: url.PathEscape(cfg.Instance),
		appName:  cfg.AppName,
		caps:     capabilities(),
		send:     core.Limiter(nil, otp.SendLimiter),
		verify:   core.Limiter(nil, otp.VerifyLimiter),
	}, nil
}

// RequestCode makes the vendor make a code and queue a message with it ("Request OTP Code"). It has the vendor's
// defaults; [Client.Send] has safer ones. Expect a new code for a chat to replace the one before.
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) RequestCode(ctx context.Context, req RequestCodeRequest) (*RequestCodeResponse, error) {
	return c.requestCode(ctx, "request_code", req)
}

func (c *Client) requestCode(ctx context.Context, op string, req RequestCodeRequest) (*RequestCodeResponse, error) {
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp RequestCodeResponse
	err := c.do(ctx, pathRequestCode, httpcall.Call{
		Op: op, Class: httpcall.Send, Body: req.body(c.appName),
		Limiter: c.send,
		Number:  req.ChatID,
		Success: func(a httpcall.Answer) bool { return readRequested(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

// ValidateCode asks the vendor whether a code is the active one of a chat ("validate-code"). A nil error means that it is;
// nothing else does. A code is accepted once.
//
// The vendor documents no limit on attempts: keep one of your own. Repeat a call only when otp.OutcomeOf(err) is
// otp.OutcomeNotSent.
func (c *Client) ValidateCode(ctx context.Context, req ValidateCodeRequest) (*ValidateCodeResponse, error) {
	return c.validateCode(ctx, "validate_code", req)
}

func (c *Client) validateCode(ctx context.Context, op string, req ValidateCodeRequest) (*ValidateCodeResponse, error) {
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp ValidateCodeResponse
	err := c.do(ctx, pathValidateCode, httpcall.Call{
		Op: op, Class: httpcall.Verify, Body: req.body(),
		Limiter: c.verify,
		Number:  req.ChatID, Code: req.Code,
		Success: func(a httpcall.Answer) bool { return readValidated(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

// GenerateLink makes a WhatsApp link that you deliver to a person. Opened, it holds a message to your own number, ready to
// be sent; whoever sends it is verified, and the callbacks tell you ("generate-link").
//
// Repeat it only when otp.OutcomeOf(err) is otp.OutcomeNotSent.
func (c *Client) GenerateLink(ctx context.Context, req GenerateLinkRequest) (*GenerateLinkResponse, error) {
	const op = "generate_link"
	if err := req.check(); err != nil {
		return nil, c.http.Refused(op, err)
	}
	var resp GenerateLinkResponse
	err := c.do(ctx, pathGenerateLink, httpcall.Call{
		Op: op, Class: httpcall.Send, Body: req.body(c.appName),
		Limiter: c.send,
		Number:  req.ChatID,
		Success: func(a httpcall.Answer) bool { return readLink(a, &resp) },
	})
	if err != nil {
		return nil, err
	}
	return &resp, nil
}

func (c *Client) do(ctx context.Context, path string, call httpcall.Call) error {
	call.Method = http.MethodPost
	call.Path = "/" + c.instance + path
	class := call.Class
	call.Failure = func(a httpcall.Answer) httpcall.Failure { return readFailure(class, a) }
	return c.http.Do(ctx, call)
}
