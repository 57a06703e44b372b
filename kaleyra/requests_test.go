package kaleyra_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	sent     = `{"data":{"verify_id":"` + verifyID + `","to":{"mobile":"905321234567","email":"Email_ID"},"flow_id":"` + flowID + `"}}`
	verified = `{"data":{"verify_id":"` + verifyID + `","message":"OTP verified successfully."}}`

	pathGenerate = "/v1/" + sid + "/verify"
	pathValidate = "/v1/" + sid + "/verify/validate"
)

func send(req otp.SendRequest) func(context.Context, *kaleyra.Client) error {
	return func(ctx context.Context, c *kaleyra.Client) error {
		_, err := c.Send(ctx, req)
		return err
	}
}

func verify(code string) func(context.Context, *kaleyra.Client) error {
	return func(ctx context.Context, c *kaleyra.Client) error { return c.Verify(ctx, verification(), code) }
}

func native[Req, Resp any](op func(*kaleyra.Client, context.Context, Req) (*Resp, error), req Req) func(context.Context, *kaleyra.Client) error {
	return func(ctx context.Context, c *kaleyra.Client) error {
		_, err := op(c, ctx, req)
		return err
	}
}

func generate(req kaleyra.GenerateRequest) func(context.Context, *kaleyra.Client) error {
	return native((*kaleyra.Client).Generate, req)
}

func validate(req kaleyra.ValidateRequest) func(context.Context, *kaleyra.Client) error {
	return native((*kaleyra.Client).Validate, req)
}

// declared is a config whose flow is declared whole.
func declared() kaleyra.Config {
	cfg := config()
	cfg.FlowID = flowID
	cfg.Flow = kaleyra.Flow{CodeLength: 6, TTL: 5 * time.Minute, Channels: []otp.Channel{otp.SMS, otp.Voice}}
	return cfg
}

func TestRequestsAreExactlyWhatTheVendorDocuments(t *testing.T) {
	for _, test := range []struct {
		golden string // in testdata/requests
		path   string
		answer string
		config kaleyra.Config
		call   func(context.Context, *kaleyra.Client) error
	}{
		{"send", pathGenerate, sent, config(), send(otp.SendRequest{To: phone, Locale: "pt-BR"})},
		{"send_flow", pathGenerate, sent, declared(), send(otp.SendRequest{To: phone})},
		{"send_flow", pathGenerate, sent, declared(), send(otp.SendRequest{
			To: phone, Channel: otp.Voice, CodeLength: 6, TTL: 5 * time.Minute, Options: []otp.SendOption{foreignOption{}},
		})},
		{"send_email", pathGenerate, sent, declared(), send(otp.SendRequest{
			To: phone, Options: []otp.SendOption{kaleyra.Email(email)},
		})},
		{"verify", pathValidate, verified, config(), verify("012345")},
		{"verify", pathValidate, verified, declared(), verify(" 012-345\n")},
		{"verify_letters", pathValidate, verified, config(), verify("0aB9")},
		{"generate_bare", pathGenerate, sent, config(), generate(kaleyra.GenerateRequest{To: phone})},
		{"generate_other_flow", pathGenerate, sent, declared(), generate(kaleyra.GenerateRequest{To: phone, FlowID: "another-flow"})},
		{"generate_everything", pathGenerate, sent, config(), generate(kaleyra.GenerateRequest{
			To: phone, Email: email, FlowID: flowID,
		})},
		{"validate", pathValidate, verified, config(), validate(kaleyra.ValidateRequest{VerifyID: verifyID, Code: "1234"})},
	} {
		t.Run(test.golden, func(t *testing.T) {
			v := answering(200, test.answer)
			require.NoError(t, test.call(t.Context(), clientOf(t, test.config, v)))

			require.Len(t, v.requests, 1)
			got := v.requests[0]
			assert.Equal(t, http.MethodPost, got.method)
			assert.Equal(t, host+test.path, got.path)
			golden, err := os.ReadFile(filepath.Join("testdata", "requests", test.golden+".json"))
			require.NoError(t, err)
			assert.JSONEq(t, string(golden), got.body)
			assert.Equal(t, http.Header{
				"Accept": {"application/json"}, "Accept-Encoding": {"identity"}, "Api-Key": {key},
				"Content-Type": {"application/json"}, "User-Agent": {"otp-go/0.1.0"},
			}, got.header)
		})
	}
}

// foreignOption is another vendor's, and of no concern to this one.
type foreignOption struct{}

func (foreignOption) OTPVendor() string { return "insider" }

func TestEveryCodeReachesTheWireLetterForLetter(t *testing.T) {
	v := answering(200, verified)
	c := client(t, v)
	for _, code := range []string{"0", "0000", "000000", "010203", "99999999", "abcDEF", "0aB9", "12345678901234567890123456789012"} {
		v.requests = nil
		require.NoError(t, c.Verify(t.Context(), verification(), code))
		assert.Equal(t, `{"verify_id":"`+verifyID+`","otp":"`+code+`"}`, v.requests[0].body)
	}
}

func TestTheHostOfARegion(t *testing.T) {
	for _, base := range []string{
		"https://api.in.kaleyra.io", "https://api.ap.kaleyra.io", "https://api.eu.kaleyra.io/", "https://api.na.kaleyra.ai",
		"http://127.0.0.1:8080/proxy/",
	} {
		cfg := config()
		cfg.BaseURL = base
		v := answering(200, sent)
		require.NoError(t, send(otp.SendRequest{To: phone})(t.Context(), clientOf(t, cfg, v)))
		assert.Equal(t, strings.TrimSuffix(base, "/")+pathGenerate, v.requests[0].path)
	}
}
