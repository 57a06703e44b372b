package insider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	sentSMS      = `{"channel":"sms","dateCreated":"2023-07-28T14:40:41Z","dateUpdated":"2023-07-28T14:40:42Z","locale":"en","maxAttempts":3,"ttl":180}`
	sentWhatsApp = `{"key":"whatsapp-12345","channel":"whatsapp","date-created":"2023-07-28T14:40:41Z","date-updated":"2023-07-28T14:40:42Z","locale":"en","max-attempts":3,"ttl":180}`
	success      = `{"status":"success"}`
)

func send(req otp.SendRequest) func(context.Context, *insider.Client) error {
	return func(ctx context.Context, c *insider.Client) error {
		_, err := c.Send(ctx, req)
		return err
	}
}

func verify(code string) func(context.Context, *insider.Client) error {
	return func(ctx context.Context, c *insider.Client) error { return c.Verify(ctx, verification(), code) }
}

func native[Req, Resp any](op func(*insider.Client, context.Context, Req) (*Resp, error), req Req) func(context.Context, *insider.Client) error {
	return func(ctx context.Context, c *insider.Client) error {
		_, err := op(c, ctx, req)
		return err
	}
}

func TestRequestsAreExactlyWhatTheVendorDocuments(t *testing.T) {
	for _, test := range []struct {
		golden string // in testdata/requests; "" = no body
		path   string
		status int
		answer string
		call   func(context.Context, *insider.Client) error
	}{
		{"send", "/v1/generate", 202, sentSMS, send(otp.SendRequest{To: phone})},
		{"send_everything", "/v1/generate", 202, sentWhatsApp, send(otp.SendRequest{
			To: phone, Channel: otp.WhatsApp, Locale: "pt-br", TTL: 10 * time.Minute, CodeLength: 8, MaxAttempts: 10,
			Options: []otp.SendOption{insider.Unique(), foreignOption{}},
		})},
		{"send_base_language", "/v1/generate", 202, sentSMS, send(otp.SendRequest{
			To: phone, Locale: "de-AT", TTL: time.Minute, CodeLength: 4,
		})},
		{"send", "/v1/generate", 202, sentSMS, send(otp.SendRequest{To: phone, Locale: "af"})}, // not on SMS
		{"send_own_code", "/v1/generate", 202, sentWhatsApp, send(otp.SendRequest{To: phone, Channel: otp.WhatsApp, Code: "0067"})},
		{"send_callback", "/v1/generate", 202, sentSMS, send(otp.SendRequest{
			To: phone, Options: []otp.SendOption{insider.Callback("https://shop.example/events")},
		})},
		{"verify", "/v1/check", 202, success, verify("123456")},
		{"verify", "/v1/check", 202, success, verify(" 123-456\n")},
		{"verify_leading_zero", "/v1/check", 202, success, verify("012345")},
		{"generate_bare", "/v1/generate", 202, sentSMS, native((*insider.Client).Generate, insider.GenerateRequest{To: phone})},
		{"generate_everything", "/v1/generate", 202, sentWhatsApp, native((*insider.Client).Generate, insider.GenerateRequest{
			Channel: otp.WhatsApp, To: phone, Locale: "zh_HK", TTL: 61 * time.Second, CodeLength: 5, CustomCode: "00017",
			MaxAttempts: 1, IsUnique: true,
		})},
		{"check", "/v1/check", 202, success, native((*insider.Client).Check, insider.CheckRequest{To: phone, Code: "1234"})},
		{"create_channel_sms", "/v1/channel/create", 201, success, native((*insider.Client).CreateChannel,
			insider.CreateChannelRequest{Channel: otp.SMS, BrandName: "Göteborg & Söhne"})},
		{"create_channel_whatsapp", "/v1/channel/create", 201, success, native((*insider.Client).CreateChannel,
			insider.CreateChannelRequest{Channel: otp.WhatsApp})},
		{"update_channel", "/v1/channel/update", 202, success, native((*insider.Client).UpdateChannel,
			insider.UpdateChannelRequest{BrandName: "YourBrand"})},
		{"create_template", "/v1/template/create", 202, success, native((*insider.Client).CreateTemplate,
			insider.CreateTemplateRequest{Locale: "tr", TemplateName: "otp_template"})},
		{"update_template_sms", "/v1/template/update", 202, success, native((*insider.Client).UpdateTemplate,
			insider.UpdateTemplateRequest{Channel: otp.SMS, Locale: "en", Text: "Your {brandName} verification code is: {code}"})},
		{"update_template_whatsapp", "/v1/template/update", 202, success, native((*insider.Client).UpdateTemplate,
			insider.UpdateTemplateRequest{Channel: otp.WhatsApp, Locale: "en", TemplateName: "sample_template_name"})},
		{"", "/v1/template/list", 200, `{"templates":{}}`, native((*insider.Client).ListTemplates, insider.ListTemplatesRequest{})},
	} {
		t.Run(test.golden+test.path, func(t *testing.T) {
			v := answering(test.status, test.answer)
			require.NoError(t, test.call(t.Context(), client(t, v)))

			require.Len(t, v.requests, 1)
			got := v.requests[0]
			assert.Equal(t, host+test.path, got.path)
			want := http.Header{
				"Accept": {"application/json"}, "Accept-Encoding": {"identity"}, "User-Agent": {"otp-go/0.1.0"},
				"X-Ins-Auth-Key": {key},
			}
			if test.golden == "" {
				assert.Equal(t, http.MethodGet, got.method)
				assert.Empty(t, got.body)
			} else {
				want.Set("Content-Type", "application/json")
				golden, err := os.ReadFile(filepath.Join("testdata", "requests", test.golden+".json"))
				require.NoError(t, err)
				assert.Equal(t, http.MethodPost, got.method)
				assert.Equal(t, compact(t, golden), got.body)
			}
			assert.Equal(t, want, got.header)
		})
	}
}

// foreignOption is another vendor's, and of no concern to this one.
type foreignOption struct{}

func (foreignOption) OTPVendor() string { return "kaleyra" }

func TestEveryCodeReachesTheWireDigitForDigit(t *testing.T) {
	v := answering(202, success)
	c := client(t, v, otp.WithVerifyLimiter(nil))
	for _, code := range []string{"0000", "0001", "0999", "1000", "9999", "00000000", "99999999", "000000", "010203"} {
		v.requests = nil
		require.NoError(t, c.Verify(t.Context(), verification(), code))
		onWire := code
		if code[0] == '0' {
			onWire = `"` + code + `"`
		}
		assert.Equal(t, `{"to":"`+phone+`","code":`+onWire+`}`, v.requests[0].body)
	}
}

// compact is a golden request as encoding/json writes it.
func compact(t *testing.T, golden []byte) string {
	t.Helper()
	var compacted, escaped bytes.Buffer
	require.NoError(t, json.Compact(&compacted, golden))
	json.HTMLEscape(&escaped, compacted.Bytes())
	return escaped.String()
}
