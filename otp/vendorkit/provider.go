package vendorkit

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// Spec is what a vendor brings for the two portable calls. Req is the vendor's own request for a
// code.
type Spec[Req any] struct {
	Config       Config           // the account
	Capabilities otp.Capabilities // what the account can do
	Invalid      error            // what is wrong with the fields of the vendor's own config; nil = nothing

	// Request puts a portable request, checked against Capabilities, into the vendor's terms. Channel,
	// length and lifetime are filled in where they can be chosen, and the locale is in the vendor's
	// spelling, or "". Options, see [Option], are applied to what it returns.
	Request func(otp.SendRequest) (Req, error)

	// Send is the call that sends a code.
	Send func(Req) Call

	// Verify is the call that checks a code, of this provider and of a form that CanBeCode accepts.
	Verify func(v otp.Verification, code string) Call

	// CanBeCode reports whether the vendor can have sent such a code, else it is wrong. Nil = all.
	CanBeCode func(code string) bool

	// ByReferenceOnly: without the vendor's own reference, a verification cannot be verified.
	ByReferenceOnly bool
}

// Provider is the otp.Provider of a vendor. A vendor's client embeds it. It is safe for concurrent
// use.
type Provider[Req any] struct {
	kit  *Client
	spec Spec[Req]
}

// NewProvider makes the provider of an account. A bad spec is otp.ErrMisconfigured, with its field.
func NewProvider[Req any](spec Spec[Req], opts ...otp.Option) (*Provider[Req], error) {
	client, err := New(spec.Config, opts...)
	if err != nil {
		return nil, err
	}
	p := &Provider[Req]{kit: client, spec: spec}
	p.spec.Config = Config{Vendor: spec.Config.Vendor} // the client alone has the rest
	p.spec.Capabilities = spec.Capabilities.Clone()
	_, offered := spec.Capabilities.Channels[spec.Capabilities.Default]
	const missing = "must not be nil"
	if err := First(
		spec.Invalid,
		When(spec.Request == nil, "request", missing),
		When(spec.Send == nil, "send", missing),
		When(spec.Verify == nil, "verify", missing),
		When(!offered, "capabilities", "must offer the default channel"),
	); err != nil {
		return nil, client.configured(err)
	}
	return p, nil
}

// Kit returns the client that makes the vendor's native calls.
func (p *Provider[Req]) Kit() *Client { return p.kit }

// Name is the instance's name.
func (p *Provider[Req]) Name() string { return p.kit.Name() }

// String says which instance goes to which host, and nothing else.
func (p *Provider[Req]) String() string { return p.kit.String() }

// Capabilities says what the account can do.
func (p *Provider[Req]) Capabilities() otp.Capabilities { return p.spec.Capabilities.Clone() }

// CanSend says whether the account can serve a request: see [otp.CanSend].
func (p *Provider[Req]) CanSend(req otp.SendRequest) error { return p.spec.Capabilities.Offers(req) }

// Send makes the vendor send a code. With an unknown outcome the verification holds what is known.
func (p *Provider[Req]) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	const op = "send"
	if err := p.spec.Capabilities.Check(req); err != nil {
		return otp.Verification{}, p.kit.refused(op, err)
	}
	var call Call
	err := safely.Err(func() error { return p.send(req, &call) }) // a Call is large, and the stack small
	if err != nil {
		return otp.Verification{}, p.kit.refused(op, err)
	}
	call.Op, call.Class, call.Number = op, Send, req.To
	call.Code = cmp.Or(req.Code, call.Code)
	now := time.Now()
	v := otp.Verification{
		Provider: p.Name(), To: req.To, Channel: cmp.Or(req.Channel, p.spec.Capabilities.Default),
		SentAt: now.UTC().Round(0),
	}
	x, err := p.kit.do(ctx, &call, now)
	if err != nil && otp.OutcomeOf(err) == otp.OutcomeNotSent {
		return otp.Verification{}, err
	}
	if ttl := cmp.Or(x.lifetime, call.TTL); ttl > 0 {
		v.ExpiresAt = v.SentAt.Add(ttl)
	}
	if v.ID = x.reference; !isReference(v) {
		v.ID = cmp.Or(call.Reference, otp.RandomID(!p.spec.ByReferenceOnly))
	}
	if err == nil && !v.CanVerify() {
		err = p.kit.refused(op, errNoReference)
	}
	return v, err
}

var errNoReference = &otp.Error{
	Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown, Err: errors.New("the vendor's answer has no usable reference"),
}

func (p *Provider[Req]) send(req otp.SendRequest, call *Call) error {
	native, err := p.spec.Request(p.filled(req))
	if err == nil && len(req.Options) > 0 {
		native, err = extended(p.spec.Config.Vendor, native, req.Options)
	}
	if err == nil {
		*call = p.spec.Send(native)
	}
	return err
}

func (p *Provider[Req]) filled(req otp.SendRequest) otp.SendRequest {
	req.Channel = cmp.Or(req.Channel, p.spec.Capabilities.Default)
	features := p.spec.Capabilities.Channels[req.Channel]
	if req.Locale != "" {
		req.Locale, _ = features.MatchLocale(req.Locale)
	}
	if req.Code == "" {
		req.CodeLength = orDefault(req.CodeLength, otp.DefaultCodeLength, features.CodeLength)
	}
	req.TTL = orDefault(req.TTL, otp.DefaultTTL, features.TTL)
	return req
}

func orDefault[T cmp.Ordered](asked, ours T, has otp.Range[T]) T {
	var none T
	if asked != none || has == (otp.Range[T]{}) {
		return asked
	}
	return min(max(ours, has.Min), has.Max)
}

// Verify asks the vendor whether code is the one that was sent for v. Nil alone means that it is.
func (p *Provider[Req]) Verify(ctx context.Context, v otp.Verification, typed string) error {
	const op = "verify"
	var code string
	var call Call
	err := safely.Err(func() (err error) {
		if code, err = p.check(v, typed); err == nil {
			call = p.spec.Verify(v, code)
		}
		return err
	})
	if err != nil {
		return p.kit.refused(op, err)
	}
	call.Op, call.Class, call.Number, call.Code = op, Verify, cmp.Or(v.To, call.Number), code
	_, err = p.kit.do(ctx, &call, time.Now())
	return err
}

func (p *Provider[Req]) check(v otp.Verification, typed string) (code string, err error) {
	switch {
	case v.Provider != p.Name():
		return "", refused(otp.ErrMisconfigured, "provider", "the verification belongs to another provider")
	case p.spec.ByReferenceOnly && !v.HasReference():
		return "", refused(otp.ErrUnavailable, "id", "the vendor's answer to the send was lost, and it verifies by nothing else")
	case !p.spec.ByReferenceOnly:
		if err = otp.CheckRecipient(v.To); err != nil {
			return "", err
		}
	}
	if code, err = otp.TypedCode(typed); err != nil {
		return "", err
	}
	if p.spec.CanBeCode != nil && !p.spec.CanBeCode(code) {
		return "", refused(otp.ErrWrongCode, "code", "this vendor sends no such code")
	}
	return code, nil
}

// isReference reports whether a vendor's reference can be one: it is stored, and printed in logs.
func isReference(v otp.Verification) bool {
	const longest = 256
	return v.HasReference() && len(v.ID) <= longest && naming.IsPrintable(v.ID)
}

type option[Req any] struct {
	vendor string
	apply  func(*Req) error
}

// Option returns a send option that the vendor understands and all others ignore.
func Option[Req any](vendor string, apply func(*Req) error) otp.SendOption {
	return option[Req]{vendor: vendor, apply: apply}
}

// OTPVendor names the vendor that understands the option.
func (o option[Req]) OTPVendor() string { return o.vendor }

// extended is req with the options for vendor. One that vendor did not make is refused.
func extended[Req any](vendor string, req Req, options []otp.SendOption) (Req, error) {
	for _, given := range options {
		if given.OTPVendor() != vendor {
			continue
		}
		ours, ok := given.(option[Req])
		if !ok {
			return req, Invalid("options", "holds one for "+vendor+" that package "+vendor+" does not know")
		}
		if err := ours.apply(&req); err != nil {
			return req, err
		}
	}
	return req, nil
}

// Answered is what a native call returns: resp, or the error.
func Answered[Resp any](resp *Resp, err error) (*Resp, error) {
	if err != nil {
		return nil, err
	}
	return resp, nil
}
