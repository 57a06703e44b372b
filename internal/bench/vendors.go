package main

import (
	"context"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// What all requests have in common, ours and the floor's.
const (
	phone     = "+905321234567"
	secret    = "key-of-the-benchmark"
	userAgent = "bench"
)

// sender sends one code.
type sender func(context.Context) error

// vendor is one vendor, twice: as the SDK talks to it, and as the floor does.
type vendor struct {
	name string

	// new makes the SDK's client. Everything but the base URL is fixed.
	new func(baseURL string, opts ...otp.Option) (otp.Provider, error)

	// What the floor asks: the same method, path, credentials and body.
	path    string
	headers [][2]string
	body    func() any

	// What the vendor answers, and what the floor reads it into.
	status int
	answer string
	into   func() any
}

func vendors() []vendor {
	return []vendor{theInsider(), theKaleyra(), theHypersender(), theSMSFactor()}
}

// ours is one portable Send through the vendor's package, without limits. The time-out is long enough for a busy machine.
func (v vendor) ours(baseURL string, opts ...otp.Option) (sender, error) {
	provider, err := v.new(baseURL, append([]otp.Option{
		otp.WithSendLimiter(nil), otp.WithUserAgent(userAgent), otp.WithTimeout(time.Minute),
	}, opts...)...)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) error {
		_, err := provider.Send(ctx, otp.SendRequest{To: phone})
		return err
	}, nil
}

func theInsider() vendor {
	type request struct {
		Channel    string `json:"channel"`
		To         string `json:"to"`
		TTL        int    `json:"ttl"`
		CodeLength int    `json:"code-length"`
	}
	type answer struct {
		Channel     string    `json:"channel"`
		DateCreated time.Time `json:"dateCreated"`
		DateUpdated time.Time `json:"dateUpdated"`
		Locale      string    `json:"locale"`
		MaxAttempts int       `json:"maxAttempts"`
		TTL         int       `json:"ttl"`
	}
	return vendor{
		name: "insider",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return insider.New(insider.Config{APIKey: secret, BaseURL: baseURL}, opts...)
		},
		path:    "/v1/generate",
		headers: [][2]string{{"X-INS-AUTH-KEY", secret}},
		body:    func() any { return request{Channel: "sms", To: phone, TTL: 300, CodeLength: 6} },
		status:  http.StatusAccepted,
		answer:  `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:42Z","locale":"en","maxAttempts":3,"ttl":180}`,
		into:    func() any { return new(answer) },
	}
}

func theKaleyra() vendor {
	type to struct {
		Mobile string `json:"mobile"`
	}
	type request struct {
		To to `json:"to"`
	}
	type answer struct {
		Data struct {
			VerifyID string `json:"verify_id"`
			FlowID   string `json:"flow_id"`
		} `json:"data"`
	}
	return vendor{
		name: "kaleyra",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return kaleyra.New(kaleyra.Config{SID: "HXXXXXXX071US", APIKey: secret, BaseURL: baseURL}, opts...)
		},
		path:    "/v1/HXXXXXXX071US/verify",
		headers: [][2]string{{"api-key", secret}},
		body:    func() any { return request{To: to{Mobile: phone}} },
		status:  http.StatusOK,
		answer:  `{"data":{"verify_id":"4d3d0959-805e-43fa-bece-5815ce0795a2","to":{"mobile":"905321234567"},"flow_id":"f55b8994-7b69-47af-9ef2-1fdee4295e2b"}}`,
		into:    func() any { return new(answer) },
	}
}

func theHypersender() vendor {
	type request struct {
		ChatID     string `json:"chatId"`
		Length     int    `json:"length"`
		UseLetter  bool   `json:"useLetter"`
		UseNumber  bool   `json:"useNumber"`
		AllCapital bool   `json:"allCapital"`
		Name       string `json:"name"`
		Expires    int    `json:"expires"`
	}
	type answer struct {
		Success bool `json:"success"`
		Data    struct {
			UUID      string    `json:"uuid"`
			Status    string    `json:"status"`
			OTPType   string    `json:"otp_type"`
			ExpiresAt time.Time `json:"expires_at"`
			CreatedAt time.Time `json:"created_at"`
		} `json:"data"`
	}
	return vendor{
		name: "hypersender",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			cfg := hypersender.Config{Instance: "instance", Token: secret, AppName: "Example Shop", BaseURL: baseURL}
			return hypersender.New(cfg, opts...)
		},
		path:    "/instance/request-code",
		headers: [][2]string{{"Authorization", "Bearer " + secret}},
		body: func() any {
			return request{ChatID: phone[1:] + "@c.us", Length: 6, UseNumber: true, Name: "Example Shop", Expires: 300}
		},
		status: http.StatusOK,
		answer: `{"success":true,"message":"OTP code generated and message queued successfully","data":{` +
			`"uuid":"a0b5df6a-b491-4190-80a5-38d85a2a4836","chat_id":"905321234567@c.us","code":"439713","status":"pending",` +
			`"otp_type":"code","expires_at":"2025-12-29T18:09:38+00:00","created_at":"2025-12-29T17:39:38+00:00"}}`,
		into: func() any { return new(answer) },
	}
}

func theSMSFactor() vendor {
	type request struct {
		PhoneNumber       string `json:"phone_number"`
		Channel           string `json:"channel"`
		CodeLength        int    `json:"code_length"`
		AllowDigits       bool   `json:"allow_digits"`
		AllowUpperCase    bool   `json:"allow_upper_case"`
		AllowLowerCase    bool   `json:"allow_lower_case"`
		AllowSpecialChars bool   `json:"allow_special_chars"`
		ValidityPeriod    int    `json:"validity_period"`
	}
	type answer struct {
		Code         int    `json:"code"`
		Message      string `json:"message"`
		TicketNumber string `json:"ticket_number"`
		Token        string `json:"otp_request_token"`
	}
	return vendor{
		name: "smsfactor",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return smsfactor.New(smsfactor.Config{APILogin: "login@shop.example", APIKey: secret, BaseURL: baseURL}, opts...)
		},
		path:    "/service/otp/generate",
		headers: [][2]string{{"api-login", "login@shop.example"}, {"api-key", secret}},
		body: func() any {
			return request{AllowDigits: true, Channel: "sms", CodeLength: 6, PhoneNumber: phone, ValidityPeriod: 300}
		},
		status: http.StatusOK,
		answer: `{"code":0,"message":"sent","ticket_number":"sms_5fa275dbf21dc","otp_request_token":"otp_fcca3c71-5e5a-4b62-a9b8-c1a1a1d5a5f1"}`,
		into:   func() any { return new(answer) },
	}
}
