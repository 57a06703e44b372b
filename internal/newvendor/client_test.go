package newvendor_test

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/httpcall"
	"github.com/otp-sdk/otp-go/internal/portable"

	"github.com/otp-sdk/otp-go/otp"
)

// Acme is a vendor that does not exist. It sends four digits by voice, and answers {"id":"..."} to a send and
// {"verified":true} to a right code.

const vendor = "acme"

// Config is what New needs.
type Config struct{ Token, BaseURL string }

// Client is an account at Acme.
type Client struct {
	http         *httpcall.Client
	sends, tries otp.Limiter
}

// New checks the config and the options.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	core, err := httpcall.New(httpcall.Config{
		Vendor:      vendor,
		BaseURL:     cmp.Or(cfg.BaseURL, "https://api.acme.example"),
		Credentials: []httpcall.Credential{{Field: "token", Header: "Authorization", Prefix: "Bearer ", Value: cfg.Token}},
	}, opts...)
	if err != nil {
		return nil, err
	}
	return &Client{
		http:  core,
		sends: core.Limiter(otp.Rate{Events: 600, Per: time.Minute}.Limiter(), otp.SendLimiter),
		tries: core.Limiter(nil, otp.VerifyLimiter),
	}, nil
}

// Name is "acme", or what otp.WithName says.
func (c *Client) Name() string { return c.http.Name() }

// Capabilities says that Acme makes four digits and calls.
func (c *Client) Capabilities() otp.Capabilities {
	return otp.Capabilities{Vendor: vendor, Default: otp.Voice, Channels: map[otp.Channel]otp.Features{
		otp.Voice: {CodeLength: otp.Range[int]{Min: 4, Max: 4}},
	}}
}

// Send makes Acme call a number.
func (c *Client) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	err := c.Capabilities().Check(req)
	if err == nil {
		err = portable.Extend(vendor, &struct{}{}, req.Options)
	}
	if err != nil {
		return otp.Verification{}, c.http.Refused("send", err)
	}
	v := otp.Verification{Provider: c.Name(), To: req.To, Channel: otp.Voice}
	err = c.http.Do(ctx, httpcall.Call{
		Op: "send", Class: httpcall.Send, Method: http.MethodPost, Path: "/calls",
		Body:    map[string]string{"number": req.To},
		Limiter: c.sends, Number: req.To,
		Success: func(a httpcall.Answer) bool {
			var answer struct{ ID string }
			if a.Status != http.StatusCreated || a.Decode(&answer) != nil {
				return false
			}
			v.ID = answer.ID
			return v.ID != ""
		},
		Failure: failure,
	})
	return portable.Sent(v, err)
}

// Verify asks Acme about a code.
func (c *Client) Verify(ctx context.Context, v otp.Verification, typed string) error {
	code, err := portable.Typed(c.Name(), v, typed)
	if err == nil && check.Digits("code", code, 4, 4) != nil {
		err = portable.WrongCode()
	}
	if err != nil {
		return c.http.Refused("verify", err)
	}
	return c.http.Do(ctx, httpcall.Call{
		Op: "verify", Class: httpcall.Verify, Method: http.MethodPost, Path: "/checks",
		Body:    map[string]string{"id": v.ID, "code": code},
		Limiter: c.tries, Number: v.To, Code: code,
		Success: func(a httpcall.Answer) bool {
			answer, err := a.Object()
			return a.Status == http.StatusOK && err == nil && string(answer.Get("verified")) == "true"
		},
		Failure: failure,
	})
}

// failure reads {"reason":"wrong"}.
func failure(a httpcall.Answer) httpcall.Failure {
	var answer struct{ Reason string }
	_ = json.Unmarshal(a.Body, &answer) // what cannot be read is left to the status
	kinds := map[string]otp.Kind{"wrong": otp.ErrWrongCode, "gone": otp.ErrNotFound}
	return httpcall.Failure{Kind: kinds[answer.Reason], Message: answer.Reason}
}
