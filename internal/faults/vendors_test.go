package faults_test

import (
	"context"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// The canaries: nothing that a client returns, logs or prints may hold one of them.
const (
	key    = "canary-key-4711"
	login  = "canary-login@shop.example"
	number = "+905321234567"
	code   = "87654321"
)

// What vendors call a code that they have sent.
const (
	reference = "4d3d0959-805e-43fa-bece-5815ce0795a2"
	chat      = "905321234567@c.us"
)

// answer is an answer of a vendor.
type answer struct {
	status int
	body   string
}

// call is one way to make a vendor send or judge a code.
type call struct {
	vendor   string
	name     string
	verifies bool // it spends an attempt; otherwise it sends
	success  answer
	secrets  []string // the canaries that the client knows in this call; only those can it recognise in a vendor's error

	// open makes the client, and do makes the call with it. Only the portable Send brings a Verification.
	open func(baseURL string, opts ...otp.Option) (otp.Provider, error)
	do   func(context.Context, otp.Provider) (otp.Verification, error)
}

// calls are the portable calls of all vendors, which the table is about.
func calls() []call {
	var all []call
	for _, vendor := range vendors() {
		all = append(all, vendor.portable()...)
	}
	return all
}

// everyCall is the portable and the native calls that send or judge a code.
func everyCall() []call {
	all := calls()
	for _, vendor := range vendors() {
		all = append(all, vendor.natives()...)
	}
	return all
}

// vendor is one of the four, with the answers that its pages document.
type vendor struct {
	name           string
	keys           []string
	open           func(baseURL string, opts ...otp.Option) (otp.Provider, error)
	sent, verified answer
	ownCode        string // what a send brings, where the vendor takes a code of the caller's

	generate, check func(context.Context, otp.Provider) error // the vendor's own
}

func vendors() []vendor {
	return []vendor{insiderVendor(), kaleyraVendor(), hypersenderVendor(), smsfactorVendor()}
}

func (v vendor) portable() []call {
	return []call{v.call("send", false, v.send), v.call("verify", true, v.verify)}
}

// natives leave the number out of the secrets: Kaleyra's Validate is not told it, and cannot hide it.
func (v vendor) natives() []call {
	calls := []call{v.call("native send", false, native(v.generate)), v.call("native verify", true, native(v.check))}
	for i := range calls {
		calls[i].secrets = calls[i].secrets[1:]
	}
	return calls
}

func (v vendor) call(name string, verifies bool, do func(context.Context, otp.Provider) (otp.Verification, error)) call {
	c := call{
		vendor: v.name, name: name, verifies: verifies, success: v.sent, open: v.open, do: do,
		secrets: append([]string{number[1:]}, v.keys...),
	}
	if verifies {
		c.success = v.verified
	}
	if verifies || v.ownCode != "" {
		c.secrets = append(c.secrets, code)
	}
	return c
}

func (v vendor) send(ctx context.Context, c otp.Provider) (otp.Verification, error) {
	return c.Send(ctx, otp.SendRequest{To: number, Code: v.ownCode})
}

func (v vendor) verify(ctx context.Context, c otp.Provider) (otp.Verification, error) {
	return otp.Verification{}, c.Verify(ctx, otp.Verification{Provider: v.name, ID: reference, To: number}, code)
}

func native(do func(context.Context, otp.Provider) error) func(context.Context, otp.Provider) (otp.Verification, error) {
	return func(ctx context.Context, c otp.Provider) (otp.Verification, error) {
		return otp.Verification{}, do(ctx, c)
	}
}

// insiderVendor answers as on "Generate OTP Codes" and "Verify OTP Codes".
func insiderVendor() vendor {
	return vendor{
		name: "insider", keys: []string{key}, ownCode: code,
		open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return insider.New(insider.Config{APIKey: key, BaseURL: baseURL}, opts...)
		},
		sent: answer{202, `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:41Z",
			"locale":"en","maxAttempts":3,"ttl":180}`},
		verified: answer{202, `{"status":"success"}`},
		generate: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*insider.Client).Generate(ctx, insider.GenerateRequest{To: number, CustomCode: code})
			return err
		},
		check: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*insider.Client).Check(ctx, insider.CheckRequest{To: number, Code: code})
			return err
		},
	}
}

// kaleyraVendor answers as on "Generate OTPs" and "Validating OTP".
func kaleyraVendor() vendor {
	return vendor{
		name: "kaleyra", keys: []string{key},
		open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return kaleyra.New(kaleyra.Config{SID: "HXXXXXXX071US", APIKey: key, BaseURL: baseURL}, opts...)
		},
		sent: answer{200, `{"data":{"verify_id":"` + reference + `","to":{"mobile":"` + number[1:] + `"},
			"flow_id":"f55b8994-7b69-47af-9ef2-1fdee4295e2b"}}`},
		verified: answer{200, `{"data":{"verify_id":"` + reference + `","message":"OTP verified successfully."}}`},
		generate: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*kaleyra.Client).Generate(ctx, kaleyra.GenerateRequest{To: number})
			return err
		},
		check: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*kaleyra.Client).Validate(ctx, kaleyra.ValidateRequest{VerifyID: reference, Code: code})
			return err
		},
	}
}

// hypersenderVendor answers as on "Request OTP Code" and "validate-code". Its success of a send holds the code.
func hypersenderVendor() vendor {
	return vendor{
		name: "hypersender", keys: []string{key},
		open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return hypersender.New(hypersender.Config{Instance: "i-1", Token: key, AppName: "Acme", BaseURL: baseURL}, opts...)
		},
		sent: answer{200, `{"success":true,"message":"OTP code generated and message queued successfully","data":{
			"uuid":"` + reference + `","chat_id":"` + chat + `","code":"` + code + `","status":"pending","otp_type":"code",
			"expires_at":"2025-12-29T18:09:38+00:00","created_at":"2025-12-29T17:39:38+00:00"}}`},
		verified: answer{200, `{"success":true,"message":"OTP code validated successfully","data":{
			"uuid":"` + reference + `","chat_id":"` + chat + `","status":"validated","validated_at":"2025-12-29T17:43:36+00:00"}}`},
		generate: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*hypersender.Client).RequestCode(ctx, hypersender.RequestCodeRequest{ChatID: chat})
			return err
		},
		check: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*hypersender.Client).ValidateCode(ctx, hypersender.ValidateCodeRequest{ChatID: chat, Code: code})
			return err
		},
	}
}

// smsfactorVendor answers as on "OTP: send a code" and "OTP: code validation".
func smsfactorVendor() vendor {
	return vendor{
		name: "smsfactor", keys: []string{key, login},
		open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return smsfactor.New(smsfactor.Config{APILogin: login, APIKey: key, BaseURL: baseURL}, opts...)
		},
		sent: answer{200, `{"code":0,"message":"success","ticket_number":"sms_5fa275dbf21dc",
			"otp_request_token":"otp_111111dab2222222aaa33333"}`},
		verified: answer{200, `{"code":0,"message":"success"}`},
		generate: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*smsfactor.Client).Generate(ctx, smsfactor.GenerateRequest{To: number})
			return err
		},
		check: func(ctx context.Context, c otp.Provider) error {
			_, err := c.(*smsfactor.Client).Validate(ctx, smsfactor.ValidateRequest{To: number, Code: code})
			return err
		},
	}
}
