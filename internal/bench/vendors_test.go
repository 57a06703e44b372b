package bench

import (
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// What the requests of both sides have in common.
const (
	phone     = "+905321234567"
	code      = "123456"
	secret    = "key-of-the-benchmark"
	userAgent = "bench"
)

// vendor has the SDK's client of a vendor, and the same requests for the floor.
type vendor struct {
	name string

	// new makes the SDK's client. Everything but the base URL is fixed.
	new func(baseURL string, opts ...otp.Option) (otp.Provider, error)

	headers      [][2]string // credentials
	send, verify exchange
	id           string // of the verification that the send began
}

// exchange is one request of the floor, and its answer.
type exchange struct {
	method, path string
	body         func() any
	status       int
	answer       string
	into         func() any // what the floor reads the answer into
}

func vendors() []vendor {
	return []vendor{theInsider(), theKaleyra(), theHypersender(), theSMSFactor()}
}

func theInsider() vendor {
	type generate struct {
		Channel    string `json:"channel"`
		To         string `json:"to"`
		TTL        int    `json:"ttl"`
		CodeLength int    `json:"code-length"`
	}
	type generated struct {
		Channel     string    `json:"channel"`
		DateCreated time.Time `json:"dateCreated"`
		DateUpdated time.Time `json:"dateUpdated"`
		Locale      string    `json:"locale"`
		MaxAttempts int       `json:"maxAttempts"`
		TTL         int       `json:"ttl"`
	}
	type check struct {
		To   string `json:"to"`
		Code int    `json:"code"`
	}
	type checked struct {
		Status string `json:"status"`
	}
	return vendor{
		name: "insider",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return insider.New(insider.Config{APIKey: secret, BaseURL: baseURL}, opts...)
		},
		headers: [][2]string{{"X-INS-AUTH-KEY", secret}},
		send: exchange{
			method: http.MethodPost, path: "/v1/generate",
			body:   func() any { return generate{Channel: "sms", To: phone, TTL: 300, CodeLength: 6} },
			status: http.StatusAccepted,
			answer: `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:42Z",` +
				`"locale":"en","maxAttempts":3,"ttl":180}`,
			into: func() any { return new(generated) },
		},
		verify: exchange{
			method: http.MethodPost, path: "/v1/check",
			body:   func() any { return check{To: phone, Code: 123456} },
			status: http.StatusAccepted,
			answer: `{"status":"success"}`,
			into:   func() any { return new(checked) },
		},
		id: "7b9e6f0a-4d0c-4c8e-9d55-0f6f3a5c9a11",
	}
}

func theKaleyra() vendor {
	type to struct {
		Mobile string `json:"mobile"`
	}
	type generate struct {
		To to `json:"to"`
	}
	type validate struct {
		VerifyID string `json:"verify_id"`
		OTP      string `json:"otp"`
	}
	type answer struct {
		Data struct {
			VerifyID string `json:"verify_id"`
			FlowID   string `json:"flow_id"`
			Message  string `json:"message"`
		} `json:"data"`
	}
	const id = "4d3d0959-805e-43fa-bece-5815ce0795a2"
	return vendor{
		name: "kaleyra",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return kaleyra.New(kaleyra.Config{SID: "HXXXXXXX071US", APIKey: secret, BaseURL: baseURL}, opts...)
		},
		headers: [][2]string{{"api-key", secret}},
		send: exchange{
			method: http.MethodPost, path: "/v1/HXXXXXXX071US/verify",
			body:   func() any { return generate{To: to{Mobile: phone}} },
			status: http.StatusOK,
			answer: `{"data":{"verify_id":"` + id + `","to":{"mobile":"905321234567"},` +
				`"flow_id":"f55b8994-7b69-47af-9ef2-1fdee4295e2b"}}`,
			into: func() any { return new(answer) },
		},
		verify: exchange{
			method: http.MethodPost, path: "/v1/HXXXXXXX071US/verify/validate",
			body:   func() any { return validate{VerifyID: id, OTP: code} },
			status: http.StatusOK,
			answer: `{"data":{"verify_id":"` + id + `","message":"OTP verified successfully."},"error":{}}`,
			into:   func() any { return new(answer) },
		},
		id: id,
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
	type validate struct {
		ChatID string `json:"chatId"`
		Code   string `json:"code"`
	}
	type answer struct {
		Success bool `json:"success"`
		Data    struct {
			UUID        string    `json:"uuid"`
			Status      string    `json:"status"`
			OTPType     string    `json:"otp_type"`
			ExpiresAt   time.Time `json:"expires_at"`
			CreatedAt   time.Time `json:"created_at"`
			ValidatedAt time.Time `json:"validated_at"`
		} `json:"data"`
	}
	const id, chat = "a0b5df6a-b491-4190-80a5-38d85a2a4836", "905321234567@c.us"
	return vendor{
		name: "hypersender",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			cfg := hypersender.Config{Instance: "instance", Token: secret, AppName: "Example Shop", BaseURL: baseURL}
			return hypersender.New(cfg, opts...)
		},
		headers: [][2]string{{"Authorization", "Bearer " + secret}},
		send: exchange{
			method: http.MethodPost, path: "/instance/request-code",
			body: func() any {
				return request{ChatID: chat, Length: 6, UseNumber: true, Name: "Example Shop", Expires: 300}
			},
			status: http.StatusOK,
			answer: `{"success":true,"message":"OTP code generated and message queued successfully","data":{` +
				`"uuid":"` + id + `","chat_id":"` + chat + `","code":"439713","status":"pending","otp_type":"code",` +
				`"expires_at":"2025-12-29T18:09:38+00:00","created_at":"2025-12-29T17:39:38+00:00"}}`,
			into: func() any { return new(answer) },
		},
		verify: exchange{
			method: http.MethodPost, path: "/instance/validate-code",
			body:   func() any { return validate{ChatID: chat, Code: code} },
			status: http.StatusOK,
			answer: `{"success":true,"message":"OTP code validated successfully","data":{"uuid":"` + id + `",` +
				`"chat_id":"` + chat + `","status":"validated","validated_at":"2025-12-29T17:43:36+00:00"}}`,
			into: func() any { return new(answer) },
		},
		id: id,
	}
}

func theSMSFactor() vendor {
	type generate struct {
		PhoneNumber       string `json:"phone_number"`
		Channel           string `json:"channel"`
		CodeLength        int    `json:"code_length"`
		AllowDigits       bool   `json:"allow_digits"`
		AllowUpperCase    bool   `json:"allow_upper_case"`
		AllowLowerCase    bool   `json:"allow_lower_case"`
		AllowSpecialChars bool   `json:"allow_special_chars"`
		ValidityPeriod    int    `json:"validity_period"`
	}
	type validate struct {
		Code        string `json:"code"`
		Token       string `json:"otp_request_token"`
		PhoneNumber string `json:"phone_number"`
	}
	type answer struct {
		Code         int    `json:"code"`
		Message      string `json:"message"`
		TicketNumber string `json:"ticket_number"`
		Token        string `json:"otp_request_token"`
	}
	const token = "otp_fcca3c71-5e5a-4b62-a9b8-c1a1a1d5a5f1"
	return vendor{
		name: "smsfactor",
		new: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			return smsfactor.New(smsfactor.Config{APILogin: "login@shop.example", APIKey: secret, BaseURL: baseURL}, opts...)
		},
		headers: [][2]string{{"api-login", "login@shop.example"}, {"api-key", secret}},
		send: exchange{
			method: http.MethodPost, path: "/service/otp/generate",
			body: func() any {
				return generate{AllowDigits: true, Channel: "sms", CodeLength: 6, PhoneNumber: phone, ValidityPeriod: 300}
			},
			status: http.StatusOK,
			answer: `{"code":0,"message":"sent","ticket_number":"sms_5fa275dbf21dc","otp_request_token":"` + token + `"}`,
			into:   func() any { return new(answer) },
		},
		verify: exchange{
			method: http.MethodPut, path: "/service/otp/validate",
			body:   func() any { return validate{Code: code, Token: token, PhoneNumber: phone} },
			status: http.StatusCreated,
			answer: `{"code":0,"message":"success"}`,
			into:   func() any { return new(answer) },
		},
		id: token,
	}
}
