package vendorkit_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// acme is the name of a made-up vendor that sends codes by SMS and by voice. Its whole API:
//
//	POST /v1/codes              {"to":"+905321234567","channel":"sms","ttl":300}   201 {"id":"c1"}
//	POST /v1/codes/{id}/check   code=482913                                        200 {"id":"c1","valid":true}
//
// with basic auth, and {"code":"bad_code","text":"No such code."} for every failure.
const acme = "acme"

// AcmeConfig is what NewAcme needs. Printing it masks the password.
type AcmeConfig struct {
	User     string `json:"user" yaml:"user"`
	Password string `json:"password" yaml:"password" mask:"secret"`
	BaseURL  string `json:"base_url,omitempty" yaml:"base_url,omitempty"` // "" = the vendor's
}

// Four methods mask a config in whatever prints or encodes it. The tags say what is masked.

func (c AcmeConfig) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }
func (c AcmeConfig) MarshalJSON() ([]byte, error)  { return vendorkit.MarshalJSON(c) }
func (c AcmeConfig) MarshalText() ([]byte, error)  { return vendorkit.MarshalText(c) }
func (c AcmeConfig) GobEncode() ([]byte, error)    { return vendorkit.MarshalText(c) }

// Acme is an account at Acme: an otp.Provider.
type Acme struct {
	*vendorkit.Provider[acmeSend]

	sends, checks otp.Limiter
}

// acmeSend is a send in the vendor's terms.
type acmeSend struct {
	To      string      `json:"to"`
	Channel otp.Channel `json:"channel"`
	TTL     int         `json:"ttl"`
	Sender  string      `json:"sender,omitempty"`
}

// NewAcme says what Acme can do, and how it is asked. The kit checks the config and the options.
func NewAcme(cfg AcmeConfig, opts ...otp.Option) (*Acme, error) {
	a := new(Acme)
	features := otp.Features{TTL: otp.Range[time.Duration]{Min: time.Minute, Max: 10 * time.Minute}}
	p, err := vendorkit.NewProvider(vendorkit.Spec[acmeSend]{
		Config: vendorkit.Config{
			Vendor:      acme,
			BaseURL:     cmp.Or(cfg.BaseURL, "https://api.acme.example"),
			Account:     cfg.User,
			Credentials: []vendorkit.Credential{vendorkit.Basic("password", cfg.User, cfg.Password)},
		},
		Capabilities: otp.Capabilities{
			Vendor: acme, Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: features, otp.Voice: features},
		},
		Request: func(req otp.SendRequest) (acmeSend, error) { // channel and lifetime are filled in
			return acmeSend{To: req.To, Channel: req.Channel, TTL: int(req.TTL / time.Second)}, nil
		},
		Send: a.send, Verify: a.check, ByReferenceOnly: true,
	}, opts...)
	if err != nil {
		return nil, err
	}
	a.Provider = p
	// The vendor's own limit is 100 sends a minute. Options can set others.
	a.sends = p.Kit().Limiter(otp.Rate{Events: 100, Per: time.Minute}, otp.SendLimiter)
	a.checks = p.Kit().Limiter(otp.Rate{}, otp.VerifyLimiter)
	return a, nil
}

// Sender is an extra of Acme's, which other vendors ignore: who the text seems to come from.
func Sender(name string) otp.SendOption {
	return vendorkit.Option(acme, func(s *acmeSend) error {
		s.Sender = name
		return vendorkit.Characters("sender", name, 1, 11)
	})
}

func (a *Acme) send(s acmeSend) vendorkit.Call {
	return vendorkit.Call{
		Path: "/v1/codes", Body: s, Limiter: a.sends, Channel: s.Channel, TTL: time.Duration(s.TTL) * time.Second,
		DigitsOnly: true,
		Status:     []int{http.StatusCreated},
		Success: func(answer vendorkit.Answer) bool {
			object, err := answer.Object()
			answer.Sent(object.Text("id"), 0)
			return err == nil && object.Text("id") != "" && !object.HasErrors()
		},
		Sign:    func(object vendorkit.Object) bool { return object.Get("id") != nil },
		Failure: func(answer vendorkit.Answer) vendorkit.Failure { return acmeFailure(answer, nil) },
	}
}

func (a *Acme) check(v otp.Verification, code string) vendorkit.Call {
	return vendorkit.Call{
		Path: "/v1/codes/{id}/check", Segments: []string{v.ID}, Form: url.Values{"code": {code}}, Limiter: a.checks,
		Status: []int{http.StatusOK},
		Success: func(answer vendorkit.Answer) bool { // for this id, true, and no error beside it
			object, err := answer.Object()
			return err == nil && object.Text("id") == v.ID && string(object.Get("valid")) == "true" && !object.HasErrors()
		},
		Sign: func(object vendorkit.Object) bool { return string(object.Get("valid")) == "true" },
		Failure: func(answer vendorkit.Answer) vendorkit.Failure {
			// Acme documents that these two come before it looks at the code.
			return acmeFailure(answer, map[string]bool{"bad_login": true, "too_fast": true})
		},
	}
}

// acmeFailure reads what Acme says of a failure. Words that its documents do not have are left to
// the status.
func acmeFailure(answer vendorkit.Answer, notChecked map[string]bool) vendorkit.Failure {
	object, err := answer.Object()
	if err != nil {
		return vendorkit.Failure{}
	}
	kinds := map[string]otp.Kind{
		"bad_login": otp.ErrUnauthorized, "too_fast": otp.ErrRateLimited, "too_many_codes": otp.ErrRateLimited,
		"landline": otp.ErrUnreachable, "bad_code": otp.ErrWrongCode, "expired": otp.ErrExpired,
	}
	code := object.Text("code")
	failure := vendorkit.Failure{Kind: kinds[code], Code: code, Message: object.Text("text")}
	failure.OneRecipient = code == "too_many_codes" // about this number: nobody else has to wait
	if notChecked[code] {
		failure.Outcome = vendorkit.Known(otp.OutcomeNotSent)
	}
	return failure
}

// A whole vendor: everything above is Acme's, and this is a program that uses it.
func Example() {
	vendor := simulatedAcme()
	defer vendor.Close()
	client, err := NewAcme(AcmeConfig{User: "shop", Password: "s3cret", BaseURL: vendor.URL}, otp.WithName("acme-eu"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	v, err := client.Send(ctx, otp.SendRequest{
		To: "+905321234567", Channel: otp.Voice, TTL: 2 * time.Minute, Options: []otp.SendOption{Sender("Shop")},
	})
	fmt.Println(v.Provider, v.Channel, v.ExpiresAt.Sub(v.SentAt), err)

	fmt.Println(client.Verify(ctx, v, "000000"))
	code, _ := vendor.Code("+905321234567") // in real life, the person types it
	fmt.Println(client.Verify(ctx, v, code))

	_, err = client.Send(ctx, otp.SendRequest{To: "+905321234567", TTL: time.Hour})
	fmt.Println(err)
	fmt.Println(AcmeConfig{User: "shop", Password: "s3cret"})
	// Output:
	// acme-eu voice 2m0s <nil>
	// acme-eu: verify: wrong code (bad_code, 422)
	// <nil>
	// acme-eu: send: unsupported: ttl: must be 1m0s to 10m0s
	// {shop [redacted] }
}

// simulatedAcme answers like Acme.
func simulatedAcme() *otpsim.Server {
	var vendor *otpsim.Server
	refuse := func(status int, code string) otpsim.Answer {
		return otpsim.JSON(status, map[string]string{"code": code, "text": http.StatusText(status)})
	}
	send := func(_ *http.Request, body []byte) otpsim.Answer {
		fields, err := otpsim.ParseObject(body)
		if err != nil {
			return refuse(http.StatusBadRequest, "no_json")
		}
		m := otpsim.Message{
			ID: otpsim.UUID(), To: fields.String("to"), Channel: fields.String("channel"), Code: otpsim.Digits(6),
			ExpiresAt: vendor.Clock.Now().Add(time.Duration(fields.Int("ttl")) * time.Second),
		}
		m.Text = fields.String("sender") + ": " + m.Code
		vendor.Inbox.Deliver(m)
		return otpsim.JSON(http.StatusCreated, map[string]string{"id": m.ID})
	}
	check := func(r *http.Request, body []byte) otpsim.Answer {
		m, _ := vendor.Inbox.Get(r.PathValue("id"))
		if string(body) != "code="+m.Code || m.StateAt(vendor.Clock.Now()) != otpsim.Pending {
			return refuse(http.StatusUnprocessableEntity, "bad_code")
		}
		vendor.Inbox.Attempt(m.ID, true)
		return otpsim.JSON(http.StatusOK, map[string]any{"id": m.ID, "valid": true})
	}
	vendor = otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{
			{Name: "send", Method: http.MethodPost, Path: "/v1/codes", Do: send},
			{Name: "check", Method: http.MethodPost, Path: "/v1/codes/{id}/check", Do: check},
		},
		Authorize: func(r *http.Request) int {
			if user, password, ok := r.BasicAuth(); !ok || user != "shop" || !otpsim.SameKey(password, "s3cret") {
				return http.StatusUnauthorized
			}
			return 0
		},
		Refuse: func(status int) otpsim.Answer { return refuse(status, "status_"+strconv.Itoa(status)) },
	})
	vendor.Start()
	return vendor
}
