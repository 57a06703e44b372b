package smsfactor_test

import (
	"context"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

func TestABadConfigIsRefusedByFieldAndRule(t *testing.T) {
	const secret = "canary"
	with := func(change func(*smsfactor.Config)) smsfactor.Config {
		cfg := config()
		change(&cfg)
		return cfg
	}
	withURL := func(url string) smsfactor.Config { return with(func(c *smsfactor.Config) { c.BaseURL = url }) }
	for name, test := range map[string]struct {
		cfg   smsfactor.Config
		opts  []otp.Option
		field string
	}{
		"nothing":                 {smsfactor.Config{}, nil, "api_login"},
		"no login":                {smsfactor.Config{APIKey: key}, nil, "api_login"},
		"no key":                  {smsfactor.Config{APILogin: login}, nil, "api_key"},
		"login with a line break": {with(func(c *smsfactor.Config) { c.APILogin = secret + "\n" }), nil, "api_login"},
		"key with a line break":   {with(func(c *smsfactor.Config) { c.APIKey = secret + "\n" }), nil, "api_key"},
		"key with space before":   {with(func(c *smsfactor.Config) { c.APIKey = " " + secret }), nil, "api_key"},
		"key with a header in it": {with(func(c *smsfactor.Config) { c.APIKey = secret + "\r\nX-Other: 1" }), nil, "api_key"},
		"key not ASCII":           {with(func(c *smsfactor.Config) { c.APIKey = secret + "é" }), nil, "api_key"},
		"the mask as the login":   {with(func(c *smsfactor.Config) { c.APILogin = "[redacted]" }), nil, "api_login"},
		"the mask as the key":     {with(func(c *smsfactor.Config) { c.APIKey = "[redacted]" }), nil, "api_key"},
		"no host":                 {withURL("canary"), nil, "base_url"},
		"plain http":              {withURL("http://canary.example"), nil, "base_url"},
		"user and password":       {withURL("https://canary:canary" + "@host"), nil, "base_url"},
		"query":                   {withURL("https://host?canary=1"), nil, "base_url"},
		"short sender":            {with(func(c *smsfactor.Config) { c.Sender = "ca" }), nil, "sender"},
		"long sender":             {with(func(c *smsfactor.Config) { c.Sender = "canary123456" }), nil, "sender"},
		"sender with a space":     {with(func(c *smsfactor.Config) { c.Sender = "canary 1" }), nil, "sender"},
		"long text":               {with(func(c *smsfactor.Config) { c.Text = strings.Repeat(secret, 205) }), nil, "text"},
		"two codes in a text":     {with(func(c *smsfactor.Config) { c.Text = "canary {code} {code}" }), nil, "text"},
		"WhatsApp":                {with(func(c *smsfactor.Config) { c.Channel = otp.WhatsApp }), nil, "channel"},
		"the vendor's own name":   {with(func(c *smsfactor.Config) { c.Channel = "voice_sms" }), nil, "channel"},
		"nil option":              {config(), []otp.Option{nil}, "options"},
		"bad name":                {config(), []otp.Option{otp.WithName("canary\n")}, "name"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := smsfactor.New(test.cfg, test.opts...)
			assert.Nil(t, c)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Contains(t, err.Error(), "smsfactor: new: misconfigured: "+test.field+": ")
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

func TestABaseURLMayHaveATrailingSlashAndAPath(t *testing.T) {
	for base, want := range map[string]string{
		"":                                 "https://api.octopush.com/v1/public/service/otp/validate",
		smsfactor.DefaultBaseURL + "/":     "https://api.octopush.com/v1/public/service/otp/validate",
		"https://proxy.example/octopush//": "https://proxy.example/octopush/service/otp/validate",
		"http://127.0.0.1:8080":            "http://127.0.0.1:8080/service/otp/validate",
		"http://[::1]:8080/v1":             "http://[::1]:8080/v1/service/otp/validate",
	} {
		v := answering(200, success)
		cfg := config()
		cfg.BaseURL = base
		require.NoError(t, clientOf(t, cfg, v).Verify(t.Context(), verification(), "123456"))
		assert.Equal(t, want, v.requests[0].path)
	}
}

func TestABadRequestNeverReachesTheNetwork(t *testing.T) {
	gen := func(change func(*smsfactor.GenerateRequest)) call {
		req := smsfactor.GenerateRequest{To: phone}
		change(&req)
		return generating(req)
	}
	extra := func(name string, value any) call {
		return gen(func(r *smsfactor.GenerateRequest) { r.Extra = map[string]any{name: value} })
	}
	val := func(change func(*smsfactor.ValidateRequest)) call {
		req := smsfactor.ValidateRequest{Token: token, To: phone, Code: "123456"}
		change(&req)
		return validating(req)
	}
	const invalid = otp.ErrInvalidRequest
	for name, test := range map[string]struct {
		call  call
		kind  otp.Kind
		field string
	}{
		"generate: no recipient":           {generating(smsfactor.GenerateRequest{}), otp.ErrInvalidRecipient, "to"},
		"generate: two recipients":         {gen(func(r *smsfactor.GenerateRequest) { r.To = phone + ",+14155550123" }), otp.ErrInvalidRecipient, "to"},
		"generate: six digits":             {gen(func(r *smsfactor.GenerateRequest) { r.To = "+336112" }), otp.ErrInvalidRecipient, "to"},
		"generate: channel":                {gen(func(r *smsfactor.GenerateRequest) { r.Channel = "voice_sms" }), invalid, "channel"},
		"generate: channel's case":         {gen(func(r *smsfactor.GenerateRequest) { r.Channel = "SMS" }), invalid, "channel"},
		"generate: the receipts' channel":  {gen(func(r *smsfactor.GenerateRequest) { r.Channel = "sms_voice" }), invalid, "channel"},
		"generate: sender of 2":            {gen(func(r *smsfactor.GenerateRequest) { r.Sender = "ab" }), invalid, "sender"},
		"generate: sender of 12":           {gen(func(r *smsfactor.GenerateRequest) { r.Sender = "abcdefghijkl" }), invalid, "sender"},
		"generate: sender with a space":    {gen(func(r *smsfactor.GenerateRequest) { r.Sender = "my shop" }), invalid, "sender"},
		"generate: sender with an accent":  {gen(func(r *smsfactor.GenerateRequest) { r.Sender = "café" }), invalid, "sender"},
		"generate: sender with a newline":  {gen(func(r *smsfactor.GenerateRequest) { r.Sender = "shop\n" }), invalid, "sender"},
		"generate: sender, a number":       {gen(func(r *smsfactor.GenerateRequest) { r.Sender = "+3361122" }), invalid, "sender"},
		"generate: long text":              {gen(func(r *smsfactor.GenerateRequest) { r.Text = strings.Repeat("é", 1225) }), invalid, "text"},
		"generate: two codes":              {gen(func(r *smsfactor.GenerateRequest) { r.Text = "{code} {code}" }), invalid, "text"},
		"generate: text not UTF-8":         {gen(func(r *smsfactor.GenerateRequest) { r.Text = "caf\xe9 {code}" }), invalid, "text"},
		"generate: 3 characters":           {gen(func(r *smsfactor.GenerateRequest) { r.CodeLength = 3 }), invalid, "code_length"},
		"generate: 33 characters":          {gen(func(r *smsfactor.GenerateRequest) { r.CodeLength = 33 }), invalid, "code_length"},
		"generate: negative length":        {gen(func(r *smsfactor.GenerateRequest) { r.CodeLength = -6 }), invalid, "code_length"},
		"generate: no switch":              {gen(func(r *smsfactor.GenerateRequest) { r.AllowDigits = 3 }), invalid, "allow_digits"},
		"generate: no switch either":       {gen(func(r *smsfactor.GenerateRequest) { r.AllowUpperCase = -1 }), invalid, "allow_upper_case"},
		"generate: switch, lower case":     {gen(func(r *smsfactor.GenerateRequest) { r.AllowLowerCase = 9 }), invalid, "allow_lower_case"},
		"generate: switch, special":        {gen(func(r *smsfactor.GenerateRequest) { r.AllowSpecialChars = 9 }), invalid, "allow_special_chars"},
		"generate: switch, confusing":      {gen(func(r *smsfactor.GenerateRequest) { r.RemoveConfusingCharacters = 9 }), invalid, "remove_confusing_characters"},
		"generate: nothing to make it of":  {generating(smsfactor.GenerateRequest{To: phone, AllowDigits: smsfactor.Off, AllowUpperCase: smsfactor.Off, AllowLowerCase: smsfactor.Off, AllowSpecialChars: smsfactor.Off}), invalid, "allow_digits"},
		"generate: 2 s":                    {gen(func(r *smsfactor.GenerateRequest) { r.TTL = 2 * time.Second }), invalid, "ttl"},
		"generate: 10,000,001 s":           {gen(func(r *smsfactor.GenerateRequest) { r.TTL = 10_000_001 * time.Second }), invalid, "ttl"},
		"generate: 3.5 s":                  {gen(func(r *smsfactor.GenerateRequest) { r.TTL = 3500 * time.Millisecond }), invalid, "ttl"},
		"generate: negative lifetime":      {gen(func(r *smsfactor.GenerateRequest) { r.TTL = -time.Minute }), invalid, "ttl"},
		"generate: 101 attempts":           {gen(func(r *smsfactor.GenerateRequest) { r.MaxAttempts = 101 }), invalid, "max_attempts"},
		"generate: negative attempts":      {gen(func(r *smsfactor.GenerateRequest) { r.MaxAttempts = -1 }), invalid, "max_attempts"},
		"generate: no IP":                  {gen(func(r *smsfactor.GenerateRequest) { r.RecipientIP = "shop.example" }), invalid, "recipient_ip"},
		"generate: IP and port":            {gen(func(r *smsfactor.GenerateRequest) { r.RecipientIP = "192.0.2.1:443" }), invalid, "recipient_ip"},
		"generate: IP with a zone":         {gen(func(r *smsfactor.GenerateRequest) { r.RecipientIP = "fe80::1%eth0" }), invalid, "recipient_ip"},
		"generate: IPs":                    {gen(func(r *smsfactor.GenerateRequest) { r.RecipientIP = "192.0.2.1, 192.0.2.2" }), invalid, "recipient_ip"},
		"generate: language on SMS":        {gen(func(r *smsfactor.GenerateRequest) { r.VoiceLanguage = "en-US" }), invalid, "voice_language"},
		"generate: language":               {gen(func(r *smsfactor.GenerateRequest) { r.Channel, r.VoiceLanguage = otp.Voice, "en" }), invalid, "voice_language"},
		"generate: language's case":        {gen(func(r *smsfactor.GenerateRequest) { r.Channel, r.VoiceLanguage = otp.Voice, "en-us" }), invalid, "voice_language"},
		"generate: gender on SMS":          {gen(func(r *smsfactor.GenerateRequest) { r.VoiceGender = smsfactor.Male }), invalid, "voice_gender"},
		"generate: gender":                 {gen(func(r *smsfactor.GenerateRequest) { r.Channel, r.VoiceGender = otp.Voice, "Female" }), invalid, "voice_gender"},
		"generate: extra named field":      {extra("phone_number", "+14155550123"), invalid, "extra"},
		"generate: extra unset field":      {extra("voice_gender", "male"), invalid, "extra"},
		"generate: extra in capitals":      {extra("Phone_Number", "+14155550123"), invalid, "extra"},
		"generate: extra with a hyphen":    {extra("phone-number", "+14155550123"), invalid, "extra"},
		"generate: extra of this package":  {extra("ttl", 60), invalid, "extra"},
		"generate: extra own attempts":     {extra("max_attempts", 3), invalid, "extra"},
		"generate: extra code":             {extra("code", "123456"), invalid, "extra"},
		"generate: extra token":            {extra("otp_request_token", token), invalid, "extra"},
		"generate: extra key":              {extra("api-key", key), invalid, "extra"},
		"generate: extra without a name":   {extra("", 1), invalid, "extra"},
		"generate: extra with a space":     {extra("phone_number ", 1), invalid, "extra"},
		"generate: extra not ASCII":        {extra("phone_numbér", 1), invalid, "extra"},
		"generate: extra with a long name": {extra(strings.Repeat("a", 65), 1), invalid, "extra"},
		"generate: extra function":         {extra("hook", func() {}), invalid, "extra"},
		"generate: extra that panics":      {extra("hook", panicking{}), invalid, "extra"},
		"generate: extra not a number":     {extra("price", math.NaN()), invalid, "extra"},

		"validate: no code":           {val(func(r *smsfactor.ValidateRequest) { r.Code = "" }), invalid, "code"},
		"validate: 2 characters":      {val(func(r *smsfactor.ValidateRequest) { r.Code = "12" }), invalid, "code"},
		"validate: 33 characters":     {val(func(r *smsfactor.ValidateRequest) { r.Code = strings.Repeat("1", 33) }), invalid, "code"},
		"validate: another character": {val(func(r *smsfactor.ValidateRequest) { r.Code = "123-456" }), invalid, "code"},
		"validate: Arabic digits":     {val(func(r *smsfactor.ValidateRequest) { r.Code = "١٢٣٤" }), invalid, "code"},
		"validate: a newline":         {val(func(r *smsfactor.ValidateRequest) { r.Code = "123456\n" }), invalid, "code"},
		"validate: neither":           {validating(smsfactor.ValidateRequest{Code: "123456"}), invalid, "token"},
		"validate: two numbers":       {val(func(r *smsfactor.ValidateRequest) { r.To = phone + ",+14155550123" }), otp.ErrInvalidRecipient, "to"},
		"validate: extra code":        {val(func(r *smsfactor.ValidateRequest) { r.Extra = map[string]any{"code": "1"} }), invalid, "extra"},
		"validate: extra that panics": {val(func(r *smsfactor.ValidateRequest) { r.Extra = map[string]any{"hook": []any{panicking{}}} }), invalid, "extra"},
		"validate: extra number":      {validating(smsfactor.ValidateRequest{Token: token, Code: "123456", Extra: map[string]any{"phone_number": phone}}), invalid, "extra"},

		"send: WhatsApp":           {send(otp.SendRequest{To: phone, Channel: otp.WhatsApp}), otp.ErrUnsupported, "channel"},
		"send: the vendor's name":  {send(otp.SendRequest{To: phone, Channel: "voice_sms"}), otp.ErrUnsupported, "channel"},
		"send: list":               {send(otp.SendRequest{To: phone + "," + phone}), otp.ErrInvalidRecipient, "to"},
		"send: length":             {send(otp.SendRequest{To: phone, CodeLength: 3}), otp.ErrUnsupported, "code_length"},
		"send: lifetime":           {send(otp.SendRequest{To: phone, TTL: 2 * time.Second}), otp.ErrUnsupported, "ttl"},
		"send: parts of a second":  {send(otp.SendRequest{To: phone, TTL: 60500 * time.Millisecond}), invalid, "ttl"},
		"send: attempts":           {send(otp.SendRequest{To: phone, MaxAttempts: 101}), otp.ErrUnsupported, "max_attempts"},
		"send: own code":           {send(otp.SendRequest{To: phone, Code: "123456"}), otp.ErrUnsupported, "code"},
		"send: gender on SMS":      {sendWith(smsfactor.VoiceGender(smsfactor.Male)), invalid, "voice_gender"},
		"send: gender":             {callWith(smsfactor.VoiceGender("other")), invalid, "voice_gender"},
		"send: no gender":          {callWith(smsfactor.VoiceGender("")), invalid, "voice_gender"},
		"send: no alphabet":        {sendWith(smsfactor.Alphabet()), invalid, "alphabet"},
		"send: empty alphabet":     {sendWith(smsfactor.Alphabet("")), invalid, "alphabet"},
		"send: unknown alphabet":   {sendWith(smsfactor.Alphabet(smsfactor.Digits, "greek")), invalid, "alphabet"},
		"send: no text":            {sendWith(smsfactor.Text("")), invalid, "text"},
		"send: long text":          {sendWith(smsfactor.Text(strings.Repeat("x", 1225))), invalid, "text"},
		"send: no sender":          {sendWith(smsfactor.Sender("")), invalid, "sender"},
		"send: sender":             {sendWith(smsfactor.Sender("a b")), invalid, "sender"},
		"send: no IP":              {sendWith(smsfactor.RecipientIP("")), invalid, "recipient_ip"},
		"send: IP":                 {sendWith(smsfactor.RecipientIP("1.2.3")), invalid, "recipient_ip"},
		"send: no place for it":    {sendWith(smsfactor.Ticket(nil)), invalid, "ticket"},
		"send: extra that panics":  {sendWith(smsfactor.Extra(map[string]any{"hook": panicking{}})), invalid, "extra"},
		"send: extra":              {sendWith(smsfactor.Extra(map[string]any{"channel": "email"})), invalid, "extra"},
		"send: an impostor option": {sendWith(impostor{}), invalid, "options"},
		"send: nil option":         {sendWith(nil), invalid, "options"},

		"verify: nothing typed":       {verify(""), otp.ErrWrongCode, "code"},
		"verify: a sentence":          {verify("my code is 123456."), otp.ErrWrongCode, "code"},
		"verify: another character":   {verify("123*456"), otp.ErrWrongCode, "code"},
		"verify: too short":           {verify("12"), otp.ErrWrongCode, "code"},
		"verify: a megabyte":          {verify(strings.Repeat("1", 1<<20)), otp.ErrWrongCode, "code"},
		"verify: someone else's":      {verifying(otp.Verification{Provider: "kaleyra", ID: token, To: phone}), otp.ErrMisconfigured, "provider"},
		"verify: of nobody":           {verifying(otp.Verification{}), otp.ErrMisconfigured, "provider"},
		"verify: without a number":    {verifying(otp.Verification{Provider: "smsfactor", ID: token}), otp.ErrInvalidRecipient, "to"},
		"verify: a recipient changed": {verifying(otp.Verification{Provider: "smsfactor", ID: token, To: phone + ",+14155550123"}), otp.ErrInvalidRecipient, "to"},
	} {
		t.Run(name, func(t *testing.T) {
			v := answering(200, sent)
			err := test.call(t.Context(), client(t, v))
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, "smsfactor", failure.Provider)
			assert.Equal(t, strings.SplitN(name, ":", 2)[0], failure.Op)
			assert.Empty(t, v.requests)
			for _, value := range []string{phone[4:11], "4155550123", key, token, "café", "192.0.2", "greek", "numbér"} {
				assert.NotContains(t, err.Error(), value)
			}
		})
	}
}

// panicking cannot be written as JSON.
type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("boom") }

// flaky can be written as JSON once.
type flaky struct{ written *bool }

func (f flaky) MarshalJSON() ([]byte, error) {
	if *f.written {
		panic("boom")
	}
	*f.written = true
	return []byte("1"), nil
}

func TestAnExtraThatPanicsLaterIsAnError(t *testing.T) {
	v := answering(200, sent)
	err := sendWith(smsfactor.Extra(map[string]any{"hook": flaky{new(bool)}}))(t.Context(), client(t, v))
	require.ErrorIs(t, err, otp.ErrInvalidRequest)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
	assert.Empty(t, v.requests)
}

// impostor claims to be this vendor's.
type impostor struct{}

func (impostor) OTPVendor() string { return "smsfactor" }

func TestBoundariesThatAreAllowed(t *testing.T) {
	for name, call := range map[string]call{
		"lowest": generating(smsfactor.GenerateRequest{
			To: "+1234567", Sender: "abc", Text: "x", CodeLength: 4, TTL: 3 * time.Second, MaxAttempts: 1,
			Extra: map[string]any{"a": nil},
		}),
		"highest": generating(smsfactor.GenerateRequest{
			To: "+123456789012345", Sender: "ABCdef01239", Text: strings.Repeat("é", 1224), CodeLength: 32,
			TTL: 10_000_000 * time.Second, MaxAttempts: 100, Extra: map[string]any{strings.Repeat("a", 64): []int{1}},
		}),
		"one alphabet": generating(smsfactor.GenerateRequest{
			To: phone, AllowDigits: smsfactor.Off, AllowUpperCase: smsfactor.Off, AllowLowerCase: smsfactor.Off,
		}),
		"text without the code":  generating(smsfactor.GenerateRequest{To: phone, Text: "Your verification code: "}),
		"text with other braces": generating(smsfactor.GenerateRequest{To: phone, Text: "{name}: {code} until {hh:mm:ss}"}),
		"developer site's SMS":   generating(smsfactor.GenerateRequest{To: phone, Channel: smsfactor.TextSMS}),
		"e-mail":                 generating(smsfactor.GenerateRequest{To: phone, Channel: smsfactor.Email}),
		"iMessage":               generating(smsfactor.GenerateRequest{To: phone, Channel: smsfactor.IMessage}),
		"shortest code":          validating(smsfactor.ValidateRequest{Token: token, Code: "123"}),
		"longest code":           validating(smsfactor.ValidateRequest{Token: token, Code: strings.Repeat("@", 32)}),
	} {
		require.NoError(t, call(t.Context(), client(t, answering(200, sent))), name)
	}
}

// spent is a limiter that lets nothing through.
func spent() otp.Limiter { return rate.NewLimiter(0, 0) }

func TestLimitsAreTheCallersToSet(t *testing.T) {
	for name, test := range map[string]struct {
		opts    []otp.Option
		refused string // operation
	}{
		"sends":       {[]otp.Option{otp.WithSendLimiter(spent())}, "generate"},
		"verifies":    {[]otp.Option{otp.WithVerifyLimiter(spent())}, "validate"},
		"no limit":    {[]otp.Option{otp.WithSendLimiter(nil), otp.WithVerifyLimiter(nil)}, ""},
		"the default": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for op, operation := range operations {
				v := answering(200, sent)
				err := operation(t.Context(), client(t, v, test.opts...))
				if op != test.refused {
					require.NoError(t, err, op)
					continue
				}
				require.ErrorIs(t, err, otp.ErrRateLimited, op)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
				assert.Empty(t, v.requests)
			}
		})
	}
}

// A new key of an old account has the limit of the account, and another account has its own.
func TestALimitBelongsToTheLogin(t *testing.T) {
	shared := new(otp.Shared)
	account := func(login, key string) *smsfactor.Client {
		return clientOf(t, smsfactor.Config{APILogin: login, APIKey: key}, answering(200, sent),
			otp.WithShared(shared), otp.WithSendRate(otp.Rate{Events: 1, Per: time.Minute}))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, operations["generate"](ctx, account(login, key)))
	require.ErrorIs(t, operations["generate"](ctx, account(login, "new-"+key)), otp.ErrRateLimited)
	require.NoError(t, operations["generate"](ctx, account("other-"+login, key)))
}

func TestThereIsNoLimitByDefault(t *testing.T) {
	c := client(t, answering(200, sent))
	for range 500 {
		require.NoError(t, operations["generate"](t.Context(), c))
		require.NoError(t, operations["validate"](t.Context(), c))
	}
}

func TestOnlyWhatWasCertainlyNotSentIsRepeated(t *testing.T) {
	for name, test := range map[string]struct {
		op       string
		status   int
		body     string
		requests int
	}{
		"a limit":                    {"generate", 429, "", 3},
		"a limit by code":            {"generate", 400, `{"code":438}`, 3},
		"a limit, unknown code":      {"generate", 429, `{"code":999}`, 3},
		"a limit on Validate":        {"validate", 429, "", 1}, // it may be a verdict
		"a limit by code, Validate":  {"validate", 429, `{"code":438}`, 1},
		"a failure":                  {"generate", 500, "", 1},
		"a failure in a 400":         {"generate", 400, `{"code":125}`, 1},
		"connection error":           {"generate", 400, `{"code":"501"}`, 1},
		"connection error, Validate": {"validate", 400, `{"code":501}`, 1},
		"impossible, Validate":       {"validate", 429, `{"code":500}`, 1},
		"undefined, Validate":        {"validate", 401, `{"code":125}`, 1},
		"congested":                  {"generate", 429, `{"code":153}`, 1},
		"sent before":                {"generate", 429, `{"code":182}`, 1},
		"a failure on Validate":      {"validate", 500, "", 1},
		"success without a token":    {"generate", 200, `{"code":0}`, 1},
		"a wrong code":               {"validate", 400, `{"code":199}`, 1},
		"a refusal for good":         {"generate", 400, `{"code":106}`, 1},
		"a right code, wrong status": {"validate", 400, success, 1},
	} {
		v := answering(test.status, test.body)
		err := operations[test.op](t.Context(), client(t, v, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1})))
		require.Error(t, err, name)
		assert.Len(t, v.requests, test.requests, name)
	}
}

func TestTheCallersClientIsNotChanged(t *testing.T) {
	mine := &http.Client{Transport: answering(200, sent), Timeout: time.Minute}
	copied := *mine
	c := client(t, nil, otp.WithHTTPClient(mine))
	require.NoError(t, operations["generate"](t.Context(), c))
	assert.True(t, copied.Transport == mine.Transport && copied.Timeout == mine.Timeout && mine.CheckRedirect == nil)
}
