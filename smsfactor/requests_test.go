package smsfactor_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

const (
	sent     = `{"code":0,"message":"sent","ticket_number":"sms_5fa275dbf21dc","otp_request_token":"` + token + `"}`
	success  = `{"code":0,"message":"success"}`
	generate = "/service/otp/generate"
	validate = "/service/otp/validate"
)

type call = func(context.Context, *smsfactor.Client) error

func send(req otp.SendRequest) call {
	return func(ctx context.Context, c *smsfactor.Client) error {
		_, err := c.Send(ctx, req)
		return err
	}
}

func sendWith(options ...otp.SendOption) call {
	return send(otp.SendRequest{To: phone, Options: options})
}

func callWith(options ...otp.SendOption) call {
	return send(otp.SendRequest{To: phone, Channel: otp.Voice, Options: options})
}

func verify(code string) call {
	return func(ctx context.Context, c *smsfactor.Client) error { return c.Verify(ctx, verification(), code) }
}

func verifying(v otp.Verification) call {
	return func(ctx context.Context, c *smsfactor.Client) error { return c.Verify(ctx, v, "123456") }
}

func generating(req smsfactor.GenerateRequest) call {
	return func(ctx context.Context, c *smsfactor.Client) error {
		_, err := c.Generate(ctx, req)
		return err
	}
}

func validating(req smsfactor.ValidateRequest) call {
	return func(ctx context.Context, c *smsfactor.Client) error {
		_, err := c.Validate(ctx, req)
		return err
	}
}

func TestRequestsAreExactlyWhatTheVendorDocuments(t *testing.T) {
	settings := config()
	settings.Sender, settings.Text, settings.Channel = "MyShop", "{code} is your code", otp.Voice
	for _, test := range []struct {
		golden string // in testdata/requests
		cfg    smsfactor.Config
		path   string
		call   call
	}{
		{"send", config(), generate, send(otp.SendRequest{To: phone})},
		{"send", config(), generate, send(otp.SendRequest{To: phone, Channel: otp.SMS, CodeLength: 6, TTL: 5 * time.Minute})},
		{"send_highest", config(), generate, send(otp.SendRequest{
			To: phone, CodeLength: 32, TTL: 10_000_000 * time.Second, MaxAttempts: 100,
		})},
		{"send", config(), generate, send(otp.SendRequest{To: phone, Locale: "fr"})}, // a message has none to choose
		{"send_voice", config(), generate, send(otp.SendRequest{To: phone, Channel: otp.Voice, Locale: "es_mx"})},
		{"send_extras", config(), generate, sendWith(
			smsfactor.Alphabet(smsfactor.UpperCase, smsfactor.SpecialChars, smsfactor.UpperCase),
			smsfactor.Text("Your code: {code}\n@shop.example #{code"),
			smsfactor.Sender("Shop24"),
			smsfactor.RecipientIP("2001:db8::1"),
			foreignOption{},
			smsfactor.Extra(map[string]any{"simulation_mode": false, "request_id": "1"}),
			smsfactor.Extra(map[string]any{"request_id": "2", "tags": []string{"<a&b>"}}),
			smsfactor.Extra(nil),
		)},
		{"send_voice_extras", config(), generate, callWith(smsfactor.VoiceGender(smsfactor.Female))},
		{"send_settings", settings, generate, send(otp.SendRequest{To: phone, Locale: "en-gb"})},
		{"send_over_settings", settings, generate, send(otp.SendRequest{
			To: phone, Channel: otp.SMS, Options: []otp.SendOption{smsfactor.Sender("Other"), smsfactor.Text("{code}!")},
		})},
		{"verify", config(), validate, verify("123456")},
		{"verify", config(), validate, verify(" 123-456\r\n")},
		{"verify_other_alphabets", config(), validate, verify("0aZ!#$%&?@")},
		{"verify_by_number", config(), validate, verifying(otp.Verification{Provider: "smsfactor", To: phone})},
		{"verify_by_number", config(), validate, verifying(otp.Verification{Provider: "smsfactor", ID: otp.RandomID(true), To: phone})},
		{"verify_new_token_form", config(), validate, verifying(otp.Verification{Provider: "smsfactor", ID: "0f-9", To: phone})},

		{"generate_bare", config(), generate, generating(smsfactor.GenerateRequest{To: phone})},
		{"generate_settings", settings, generate, generating(smsfactor.GenerateRequest{To: phone})},
		{"generate_everything", settings, generate, generating(smsfactor.GenerateRequest{
			To: phone, Channel: otp.Voice, Sender: "Shop24", Text: "Ihr Code: {code} bis {hh:mm:ss}", CodeLength: 4,
			AllowDigits: smsfactor.On, AllowUpperCase: smsfactor.Off, AllowLowerCase: smsfactor.Off,
			AllowSpecialChars: smsfactor.On, RemoveConfusingCharacters: smsfactor.On, TTL: 3 * time.Second, MaxAttempts: 1,
			RecipientIP: "192.0.2.1", VoiceLanguage: "es-LA", VoiceGender: smsfactor.Male,
			Extra: map[string]any{"simulation_mode": true, "nothing": nil},
		})},
		{"generate_other_channel", config(), generate, generating(smsfactor.GenerateRequest{To: phone, Channel: otp.WhatsApp})},
		{"validate_both", config(), validate, validating(smsfactor.ValidateRequest{
			Token: token, To: phone, Code: "TRQXSDYNJY", Extra: map[string]any{"recipient_ip": "192.0.2.1"},
		})},
		{"validate_token", config(), validate, validating(smsfactor.ValidateRequest{Token: token, Code: "012"})},
		{"validate_number", config(), validate, validating(smsfactor.ValidateRequest{To: phone, Code: "000000"})},
	} {
		t.Run(test.golden, func(t *testing.T) {
			v := answering(200, sent)
			require.NoError(t, test.call(t.Context(), clientOf(t, test.cfg, v)))

			require.Len(t, v.requests, 1)
			got := v.requests[0]
			assert.Equal(t, base+test.path, got.path)
			assert.Equal(t, map[string]string{generate: http.MethodPost, validate: http.MethodPut}[test.path], got.method)
			golden, err := os.ReadFile(filepath.Join("testdata", "requests", test.golden+".json"))
			require.NoError(t, err)
			assert.JSONEq(t, string(golden), got.body)
			assert.Equal(t, http.Header{
				"Accept": {"application/json"}, "Accept-Encoding": {"identity"}, "Content-Type": {"application/json"},
				"User-Agent": {"otp-go/0.1.0"}, "Api-Login": {login}, "Api-Key": {key},
			}, got.header)
		})
	}
}

// foreignOption is another vendor's, and of no concern to this one.
type foreignOption struct{}

func (foreignOption) OTPVendor() string { return "kaleyra" }

func TestEveryGoldenRequestIsUsed(t *testing.T) {
	source, err := os.ReadFile("requests_test.go")
	require.NoError(t, err)
	files, err := filepath.Glob("testdata/requests/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		assert.Contains(t, string(source), `{"`+name+`", `)
	}
}

func TestEveryCodeReachesTheWireCharacterForCharacter(t *testing.T) {
	v := answering(200, success)
	c := client(t, v)
	for _, code := range []string{
		"000", "0000", "000000", "000001", "010203", "00000000000000000000000000000000", "1e9", "abcDEF", "True", "null",
		"!#$%&?@", "&&&&",
	} {
		v.requests = nil
		require.NoError(t, c.Verify(t.Context(), verification(), code))
		assert.JSONEq(t, `{"code":"`+code+`","phone_number":"`+phone+`","otp_request_token":"`+token+`"}`, v.requests[0].body)
	}
}

func TestAnOptionKeepsWhatItWasGiven(t *testing.T) {
	extra := map[string]any{"request_id": "1"}
	alphabet := []smsfactor.Characters{smsfactor.LowerCase}
	options := []otp.SendOption{smsfactor.Extra(extra), smsfactor.Alphabet(alphabet...)}
	extra["request_id"], extra["more"], alphabet[0] = "2", true, smsfactor.Digits

	v := answering(200, sent)
	c := client(t, v)
	for range 2 { // a request may be used again
		require.NoError(t, sendWith(options...)(t.Context(), c))
	}
	assert.Contains(t, v.requests[0].body, `"request_id":"1"`)
	assert.NotContains(t, v.requests[0].body, "more")
	assert.Contains(t, v.requests[0].body, `"allow_digits":false,"allow_lower_case":true`)
	assert.Equal(t, v.requests[0].body, v.requests[1].body)
	assert.Equal(t, map[string]any{"request_id": "2", "more": true}, extra, "the caller's map is the caller's")
}

// What a request sends by a field of its own cannot be sent again as an extra one.
func TestEveryNamedFieldIsRefusedAsAnExtra(t *testing.T) {
	golden, err := os.ReadFile("testdata/requests/generate_everything.json")
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(golden, &fields))
	delete(fields, "simulation_mode") // the two extra ones
	delete(fields, "nothing")
	require.Len(t, fields, 15)
	for name := range fields {
		v := answering(200, sent)
		err := sendWith(smsfactor.Extra(map[string]any{name: 1}))(t.Context(), client(t, v))
		require.ErrorContains(t, err, "extra: must not hold "+name)
		assert.Empty(t, v.requests)
	}
}
