package hypersender_test

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

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/otp"
)

// The vendor's samples.
const (
	requested = `{"success":true,"message":"OTP code generated and message queued successfully","data":{"uuid":"a0b5df6a-b491-4190-80a5-38d85a2a4836","chat_id":"20123456789@c.us","code":"439713","status":"pending","otp_type":"code","expires_at":"2025-12-29T18:09:38+00:00","created_at":"2025-12-29T17:39:38+00:00"}}`
	validated = `{"success":true,"message":"OTP code validated successfully","data":{"uuid":"a0b5df6a-b491-4190-80a5-38d85a2a4836","chat_id":"20123456789@c.us","status":"validated","validated_at":"2025-12-29T17:43:36+00:00"}}`
	linked    = `{"success":true,"message":"OTP link request created successfully","data":{"uuid":"a0b5e14e-95da-4bd4-9e2a-071661244bef","code":"RDYFQUBX","chat_id":"20123456789@c.us","status":"pending","otp_type":"link","expires_at":"2025-12-29T18:14:55+00:00","created_at":"2025-12-29T17:44:55+00:00","whatsapp_link":"https://wa.me/20123456789?text=Give+me+link+to+login+at+7enkesh+%5BRDYFQUBX%5D+-+DO+NOT+CHANGE+THIS+MESSAGE"}}`
)

func send(req otp.SendRequest) func(context.Context, *hypersender.Client) error {
	return func(ctx context.Context, c *hypersender.Client) error {
		_, err := c.Send(ctx, req)
		return err
	}
}

func verify(code string) func(context.Context, *hypersender.Client) error {
	return func(ctx context.Context, c *hypersender.Client) error { return c.Verify(ctx, verification(), code) }
}

func native[Req, Resp any](op func(*hypersender.Client, context.Context, Req) (*Resp, error), req Req) func(context.Context, *hypersender.Client) error {
	return func(ctx context.Context, c *hypersender.Client) error {
		_, err := op(c, ctx, req)
		return err
	}
}

func requestCode(req hypersender.RequestCodeRequest) func(context.Context, *hypersender.Client) error {
	return native((*hypersender.Client).RequestCode, req)
}

func validateCode(req hypersender.ValidateCodeRequest) func(context.Context, *hypersender.Client) error {
	return native((*hypersender.Client).ValidateCode, req)
}

func generateLink(req hypersender.GenerateLinkRequest) func(context.Context, *hypersender.Client) error {
	return native((*hypersender.Client).GenerateLink, req)
}

// sampleLink is the vendor's sample request for a link.
func sampleLink() hypersender.GenerateLinkRequest {
	return hypersender.GenerateLinkRequest{
		ChatID: chat, Expires: 30 * time.Minute, Name: "7enkesh",
		Message: hypersender.LinkMessage{
			Prompt:  "Give me link to login at 7enkesh",
			Success: "Here is your login link: {link}",
			Failed:  "Login failed, please try again later.",
			Expired: "The link has been expired, please try another one.",
		},
		Callback: hypersender.LinkCallback{
			Success: "https://yourdomain.com/callback/success",
			Failed:  "https://yourdomain.com/callback/failed",
		},
	}
}

func TestRequestsAreExactlyWhatTheVendorDocuments(t *testing.T) {
	requested := strings.Replace(requested, "20123456789@c.us", "", 1) // it is for anybody
	for _, test := range []struct {
		golden string // in testdata/requests
		path   string
		answer string
		call   func(context.Context, *hypersender.Client) error
	}{
		{"send", "/request-code", requested, send(otp.SendRequest{To: phone, Locale: "pt-BR"})},
		{"send", "/request-code", requested, send(otp.SendRequest{
			To: phone, Channel: otp.WhatsApp, Options: []otp.SendOption{hypersender.Alphabet(hypersender.Digits), foreignOption{}},
		})},
		{"send_everything", "/request-code", requested, send(otp.SendRequest{
			To: phone, TTL: 30 * time.Minute, CodeLength: 10, Options: []otp.SendOption{hypersender.Alphabet(hypersender.UpperCase, hypersender.Digits)},
		})},
		{"send_letters", "/request-code", requested, send(otp.SendRequest{
			To: phone, TTL: time.Minute, CodeLength: 4, Options: []otp.SendOption{hypersender.Alphabet(hypersender.UpperCase, hypersender.Letters)},
		})},
		{"request_code_bare", "/request-code", requested, requestCode(hypersender.RequestCodeRequest{ChatID: chat})},
		{"request_code_sample", "/request-code", requested, requestCode(hypersender.RequestCodeRequest{
			ChatID: chat, Length: 6, Name: "hypersender", Expires: 30 * time.Minute,
		})},
		{"request_code_everything", "/request-code", requested, requestCode(hypersender.RequestCodeRequest{
			ChatID: "43123456789012@lid", Length: 4, UseLetter: true, NoNumber: true, AllCapital: true, Name: "Göteborg & Söhne",
			Expires: 61 * time.Second,
		})},
		{"request_code_capitals_of_digits", "/request-code", requested, requestCode(hypersender.RequestCodeRequest{
			ChatID: "120363000000000000@g.us", AllCapital: true,
		})},
		{"validate_code", "/validate-code", validated, verify("439713")},
		{"validate_code", "/validate-code", validated, verify(" 439-713\n")},
		{"validate_code_leading_zero", "/validate-code", validated, verify("000713")},
		{"validate_code_letters", "/validate-code", validated, verify("aB3x")},
		{"validate_code", "/validate-code", validated, validateCode(hypersender.ValidateCodeRequest{ChatID: chat, Code: "439713"})},
		{"generate_link_bare", "/generate-link", linked, generateLink(hypersender.GenerateLinkRequest{})},
		{"generate_link_partial", "/generate-link", linked, generateLink(hypersender.GenerateLinkRequest{
			Expires:  time.Hour,
			Message:  hypersender.LinkMessage{Prompt: "Log me in"},
			Callback: hypersender.LinkCallback{Failed: "http://shop.example/failed"},
		})},
		{"generate_link_sample", "/generate-link", linked, generateLink(sampleLink())},
	} {
		t.Run(test.golden, func(t *testing.T) {
			v := answering(200, test.answer)
			require.NoError(t, test.call(t.Context(), client(t, v)))

			require.Len(t, v.requests, 1)
			got := v.requests[0]
			assert.Equal(t, http.MethodPost, got.method)
			assert.Equal(t, host+"/"+instance+test.path, got.path)
			assert.Equal(t, http.Header{
				"Accept": {"application/json"}, "Accept-Encoding": {"identity"}, "User-Agent": {"otp-go/0.1.0"}, "Authorization": {"Bearer " + token},
				"Content-Type": {"application/json"},
			}, got.header)
			golden, err := os.ReadFile(filepath.Join("testdata", "requests", test.golden+".json"))
			require.NoError(t, err)
			assert.JSONEq(t, string(golden), got.body)
		})
	}
}

// foreignOption is another vendor's, and of no concern to this one.
type foreignOption struct{}

func (foreignOption) OTPVendor() string { return "kaleyra" }

func TestEveryCodeReachesTheWireCharacterForCharacter(t *testing.T) {
	v := answering(200, validated)
	c := client(t, v)
	for _, code := range []string{"0000", "0001", "9999", "0000000000", "9999999999", "010203", "ABCD", "abcd", "00a0", "1e99"} {
		v.requests = nil
		require.NoError(t, c.Verify(t.Context(), verification(), code))
		assert.Equal(t, `{"chatId":"`+chat+`","code":"`+code+`"}`, v.requests[0].body)
	}
}

func TestAChatIDIsTheDigitsOfANumber(t *testing.T) {
	for number, want := range map[string]string{
		"+12132132131": "12132132131@c.us", "+1234567": "1234567@c.us", "+123456789012345": "123456789012345@c.us",
	} {
		id, err := hypersender.ChatID(number)
		require.NoError(t, err)
		assert.Equal(t, want, id)
	}
	for _, number := range []string{
		"", "+", "20123456789", "+1 (213) 213-2131", "+0123456789", "+1234567890123456", "+123456", chat, phone + "," + phone, phone + "\n", "+٢٠١٢٣٤٥٦٧٨٩",
	} {
		id, err := hypersender.ChatID(number)
		require.ErrorIs(t, err, otp.ErrInvalidRecipient, number)
		assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
		assert.Empty(t, id)
	}
}
