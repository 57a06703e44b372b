package faults_test

import (
	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
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

// vendors are the four, with the answers that their pages document.
func vendors() map[string]otptest.FaultHarness {
	return map[string]otptest.FaultHarness{
		"insider": harness(otptest.FaultHarness{ // "Generate OTP Codes", "Verify OTP Codes"
			Open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
				return insider.New(insider.Config{APIKey: key, BaseURL: baseURL}, opts...)
			},
			Request: otp.SendRequest{Code: code},
			Sent: otptest.Answer{Status: 202, Body: `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z",
				"dateUpdated":"2023-07-28T14:40:41Z","locale":"en","maxAttempts":3,"ttl":180}`},
			Verified: otptest.Answer{Status: 202, Body: `{"status":"success"}`},
			Refusal:  `{"errors":[{"message":"%s"}]}`,
		}),
		"kaleyra": harness(otptest.FaultHarness{ // "Generate OTPs", "Validating OTP"
			Open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
				return kaleyra.New(kaleyra.Config{SID: "HXXXXXXX071US", APIKey: key, BaseURL: baseURL}, opts...)
			},
			Sent: otptest.Answer{Status: 200, Body: `{"data":{"verify_id":"` + reference + `","to":{"mobile":"` + number[1:] + `"},
				"flow_id":"f55b8994-7b69-47af-9ef2-1fdee4295e2b"}}`},
			Verified: otptest.Answer{Status: 200, Body: `{"data":{"verify_id":"` + reference + `",
				"message":"OTP verified successfully."}}`},
			Refusal: `{"error":{"code":"E999999","type":"%s","message":"%s"}}`,
		}),
		"hypersender": harness(otptest.FaultHarness{ // "Request OTP Code", "validate-code"; the answer to a send holds the code
			Open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
				return hypersender.New(hypersender.Config{Instance: "i-1", Token: key, AppName: "Acme", BaseURL: baseURL}, opts...)
			},
			Sent: otptest.Answer{Status: 200, Body: `{"success":true,"message":"OTP code generated and message queued successfully",
				"data":{"uuid":"` + reference + `","chat_id":"` + chat + `","code":"` + code + `","status":"pending","otp_type":"code",
				"expires_at":"2025-12-29T18:09:38+00:00","created_at":"2025-12-29T17:39:38+00:00"}}`},
			Verified: otptest.Answer{Status: 200, Body: `{"success":true,"message":"OTP code validated successfully","data":{
				"uuid":"` + reference + `","chat_id":"` + chat + `","status":"validated","validated_at":"2025-12-29T17:43:36+00:00"}}`},
			Refusal: `{"message":"%s"}`,
		}),
		"smsfactor": harness(otptest.FaultHarness{ // "OTP: send a code", "OTP: code validation"
			Open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
				return smsfactor.New(smsfactor.Config{APILogin: login, APIKey: key, BaseURL: baseURL}, opts...)
			},
			Sent: otptest.Answer{Status: 200, Body: `{"code":0,"message":"success","ticket_number":"sms_5fa275dbf21dc",
				"otp_request_token":"` + reference + `"}`},
			Verified: otptest.Answer{Status: 200, Body: `{"code":0,"message":"success"}`},
			Refusal:  `{"code":987654,"message":"%s"}`,
			Secrets:  []string{login},
		}),
	}
}

// harness fills in what is the same for all.
func harness(h otptest.FaultHarness) otptest.FaultHarness {
	h.Request.To = number
	h.Verification, h.Code = otp.Verification{ID: reference, To: number}, code
	h.Secrets = append(h.Secrets, key)
	return h
}
