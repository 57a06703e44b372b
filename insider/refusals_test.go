package insider_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

func TestABadConfigIsRefusedByFieldAndRule(t *testing.T) {
	const secret = "canary"
	for name, test := range map[string]struct {
		cfg   insider.Config
		opts  []otp.Option
		field string
	}{
		"no key":                    {insider.Config{}, nil, "api_key"},
		"key with a line break":     {insider.Config{APIKey: secret + "\n"}, nil, "api_key"},
		"key with space before":     {insider.Config{APIKey: " " + secret}, nil, "api_key"},
		"key with NUL":              {insider.Config{APIKey: secret + "\x00x"}, nil, "api_key"},
		"key with a header in it":   {insider.Config{APIKey: secret + "\r\nX-Other: 1"}, nil, "api_key"},
		"key not ASCII":             {insider.Config{APIKey: secret + "é"}, nil, "api_key"},
		"the mask as the key":       {insider.Config{APIKey: "[redacted]"}, nil, "api_key"},
		"no host":                   {insider.Config{APIKey: key, BaseURL: "canary"}, nil, "base_url"},
		"plain http":                {insider.Config{APIKey: key, BaseURL: "http://canary.example"}, nil, "base_url"},
		"another scheme":            {insider.Config{APIKey: key, BaseURL: "file:///canary"}, []otp.Option{otp.WithPlainHTTP()}, "base_url"},
		"user and password":         {insider.Config{APIKey: key, BaseURL: "https://canary:canary@host"}, nil, "base_url"},
		"query":                     {insider.Config{APIKey: key, BaseURL: "https://host?canary=1"}, nil, "base_url"},
		"empty query":               {insider.Config{APIKey: key, BaseURL: "https://host/canary?"}, nil, "base_url"},
		"fragment":                  {insider.Config{APIKey: key, BaseURL: "https://host/#canary"}, nil, "base_url"},
		"dots in the path":          {insider.Config{APIKey: key, BaseURL: "https://host/a/../canary"}, nil, "base_url"},
		"opaque":                    {insider.Config{APIKey: key, BaseURL: "https:canary"}, nil, "base_url"},
		"voice":                     {insider.Config{APIKey: key, Channel: otp.Voice}, nil, "channel"},
		"nil option":                {insider.Config{APIKey: key}, []otp.Option{nil}, "options"},
		"bad name":                  {insider.Config{APIKey: key}, []otp.Option{otp.WithName("canary\n")}, "name"},
		"nil client":                {insider.Config{APIKey: key}, []otp.Option{otp.WithHTTPClient(nil)}, "http_client"},
		"nil logger":                {insider.Config{APIKey: key}, []otp.Option{otp.WithLogger(nil)}, "logger"},
		"negative time-out":         {insider.Config{APIKey: key}, []otp.Option{otp.WithTimeout(-1)}, "timeout"},
		"too many attempts":         {insider.Config{APIKey: key}, []otp.Option{otp.WithRetry(otp.RetryPolicy{MaxAttempts: 11})}, "retry.max_attempts"},
		"user agent with a newline": {insider.Config{APIKey: key}, []otp.Option{otp.WithUserAgent("canary\r\nX: 1")}, "user_agent"},
		"limit of a channel it has not": {
			insider.Config{APIKey: key}, []otp.Option{insider.WithGenerateLimiter(otp.Voice, nil)}, "channel",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := insider.New(test.cfg, test.opts...)
			assert.Nil(t, c)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Contains(t, err.Error(), "insider: new: misconfigured: "+test.field+": ")
			assert.NotContains(t, err.Error(), secret)
		})
	}
}

func TestABaseURLMayHaveATrailingSlashAndAPath(t *testing.T) {
	for base, want := range map[string]string{
		"https://proxy.example/":          "https://proxy.example/v1/check",
		"https://proxy.example/insider//": "https://proxy.example/insider/v1/check",
		"http://127.0.0.1:8080/insider":   "http://127.0.0.1:8080/insider/v1/check",
		"http://[::1]:8080":               "http://[::1]:8080/v1/check",
		"http://localhost":                "http://localhost/v1/check",
	} {
		v := answering(202, success)
		c, err := insider.New(insider.Config{APIKey: key, BaseURL: base}, otp.WithHTTPClient(&http.Client{Transport: v}))
		require.NoError(t, err, base)
		require.NoError(t, c.Verify(t.Context(), verification(), "1234"))
		assert.Equal(t, want, v.requests[0].path)
	}
}

func TestABadRequestNeverReachesTheNetwork(t *testing.T) {
	sms := insider.GenerateRequest{To: phone}
	whatsApp := insider.GenerateRequest{To: phone, Channel: otp.WhatsApp}
	with := func(r insider.GenerateRequest, change func(*insider.GenerateRequest)) func(context.Context, *insider.Client) error {
		change(&r)
		return native((*insider.Client).Generate, r)
	}
	template := func(r insider.UpdateTemplateRequest) func(context.Context, *insider.Client) error {
		return native((*insider.Client).UpdateTemplate, r)
	}
	for name, test := range map[string]struct {
		call  func(context.Context, *insider.Client) error
		kind  otp.Kind
		field string
	}{
		"generate: no recipient":       {native((*insider.Client).Generate, insider.GenerateRequest{}), otp.ErrInvalidRecipient, "to"},
		"generate: two recipients":     {with(sms, func(r *insider.GenerateRequest) { r.To = phone + ",+14155550123" }), otp.ErrInvalidRecipient, "to"},
		"generate: voice":              {with(sms, func(r *insider.GenerateRequest) { r.Channel = otp.Voice }), otp.ErrInvalidRequest, "channel"},
		"generate: SMS locale":         {with(sms, func(r *insider.GenerateRequest) { r.Locale = "pt_BR" }), otp.ErrInvalidRequest, "locale"},
		"generate: locale's case":      {with(whatsApp, func(r *insider.GenerateRequest) { r.Locale = "pt_br" }), otp.ErrInvalidRequest, "locale"},
		"generate: 59 s":               {with(sms, func(r *insider.GenerateRequest) { r.TTL = 59 * time.Second }), otp.ErrInvalidRequest, "ttl"},
		"generate: 601 s":              {with(sms, func(r *insider.GenerateRequest) { r.TTL = 601 * time.Second }), otp.ErrInvalidRequest, "ttl"},
		"generate: 60.5 s":             {with(sms, func(r *insider.GenerateRequest) { r.TTL = 60500 * time.Millisecond }), otp.ErrInvalidRequest, "ttl"},
		"generate: 3 digits":           {with(sms, func(r *insider.GenerateRequest) { r.CodeLength = 3 }), otp.ErrInvalidRequest, "code_length"},
		"generate: 9 digits":           {with(sms, func(r *insider.GenerateRequest) { r.CodeLength = 9 }), otp.ErrInvalidRequest, "code_length"},
		"generate: negative length":    {with(sms, func(r *insider.GenerateRequest) { r.CodeLength = -4 }), otp.ErrInvalidRequest, "code_length"},
		"generate: code of 3":          {with(sms, func(r *insider.GenerateRequest) { r.CustomCode = "123" }), otp.ErrInvalidRequest, "custom_code"},
		"generate: code of 9":          {with(sms, func(r *insider.GenerateRequest) { r.CustomCode = "123456789" }), otp.ErrInvalidRequest, "custom_code"},
		"generate: letters":            {with(sms, func(r *insider.GenerateRequest) { r.CustomCode = "12a4" }), otp.ErrInvalidRequest, "custom_code"},
		"generate: Arabic digits":      {with(sms, func(r *insider.GenerateRequest) { r.CustomCode = "١٢" }), otp.ErrInvalidRequest, "custom_code"},
		"generate: below 1000 on SMS":  {with(sms, func(r *insider.GenerateRequest) { r.CustomCode = "000999" }), otp.ErrInvalidRequest, "custom_code"},
		"generate: code and length":    {with(sms, func(r *insider.GenerateRequest) { r.CustomCode, r.CodeLength = "12345", 4 }), otp.ErrInvalidRequest, "custom_code"},
		"generate: 11 attempts":        {with(sms, func(r *insider.GenerateRequest) { r.MaxAttempts = 11 }), otp.ErrInvalidRequest, "max_attempts"},
		"generate: negative attempts":  {with(sms, func(r *insider.GenerateRequest) { r.MaxAttempts = -1 }), otp.ErrInvalidRequest, "max_attempts"},
		"generate: unique on SMS":      {with(sms, func(r *insider.GenerateRequest) { r.IsUnique = true }), otp.ErrInvalidRequest, "is_unique"},
		"generate: callback, WhatsApp": {with(whatsApp, func(r *insider.GenerateRequest) { r.Callback = "https://a.example" }), otp.ErrInvalidRequest, "callback"},
		"generate: callback no URL":    {with(sms, func(r *insider.GenerateRequest) { r.Callback = "a.example/x" }), otp.ErrInvalidRequest, "callback"},
		"generate: callback scheme":    {with(sms, func(r *insider.GenerateRequest) { r.Callback = "ftp://a.example/x" }), otp.ErrInvalidRequest, "callback"},

		"check: no code":      {native((*insider.Client).Check, insider.CheckRequest{To: phone}), otp.ErrInvalidRequest, "code"},
		"check: no recipient": {native((*insider.Client).Check, insider.CheckRequest{Code: "1234"}), otp.ErrInvalidRecipient, "to"},
		"check: letters":      {native((*insider.Client).Check, insider.CheckRequest{To: phone, Code: "12a4"}), otp.ErrInvalidRequest, "code"},
		"check: JSON":         {native((*insider.Client).Check, insider.CheckRequest{To: phone, Code: "1e99"}), otp.ErrInvalidRequest, "code"},

		"create channel: none":            {native((*insider.Client).CreateChannel, insider.CreateChannelRequest{}), otp.ErrInvalidRequest, "channel"},
		"create channel: no brand":        {native((*insider.Client).CreateChannel, insider.CreateChannelRequest{Channel: otp.SMS}), otp.ErrInvalidRequest, "brand_name"},
		"create channel: short brand":     {native((*insider.Client).CreateChannel, insider.CreateChannelRequest{Channel: otp.SMS, BrandName: "ab"}), otp.ErrInvalidRequest, "brand_name"},
		"create channel: long brand":      {native((*insider.Client).CreateChannel, insider.CreateChannelRequest{Channel: otp.SMS, BrandName: strings.Repeat("é", 31)}), otp.ErrInvalidRequest, "brand_name"},
		"create channel: WhatsApp brand":  {native((*insider.Client).CreateChannel, insider.CreateChannelRequest{Channel: otp.WhatsApp, BrandName: "Brand"}), otp.ErrInvalidRequest, "brand_name"},
		"update channel: WhatsApp":        {native((*insider.Client).UpdateChannel, insider.UpdateChannelRequest{Channel: otp.WhatsApp, BrandName: "Brand"}), otp.ErrInvalidRequest, "channel"},
		"update channel: no brand":        {native((*insider.Client).UpdateChannel, insider.UpdateChannelRequest{}), otp.ErrInvalidRequest, "brand_name"},
		"create template: SMS":            {native((*insider.Client).CreateTemplate, insider.CreateTemplateRequest{Channel: otp.SMS, Locale: "en", TemplateName: "t"}), otp.ErrInvalidRequest, "channel"},
		"create template: no locale":      {native((*insider.Client).CreateTemplate, insider.CreateTemplateRequest{TemplateName: "t"}), otp.ErrInvalidRequest, "locale"},
		"create template: no name":        {native((*insider.Client).CreateTemplate, insider.CreateTemplateRequest{Locale: "en"}), otp.ErrInvalidRequest, "template_name"},
		"update template: no channel":     {template(insider.UpdateTemplateRequest{Locale: "en", Text: "{code}"}), otp.ErrInvalidRequest, "channel"},
		"update template: no text":        {template(insider.UpdateTemplateRequest{Channel: otp.SMS, Locale: "en"}), otp.ErrInvalidRequest, "text"},
		"update template: long text":      {template(insider.UpdateTemplateRequest{Channel: otp.SMS, Locale: "en", Text: strings.Repeat("é", 101)}), otp.ErrInvalidRequest, "text"},
		"update template: name on SMS":    {template(insider.UpdateTemplateRequest{Channel: otp.SMS, Locale: "en", Text: "x", TemplateName: "t"}), otp.ErrInvalidRequest, "template_name"},
		"update template: text, WhatsApp": {template(insider.UpdateTemplateRequest{Channel: otp.WhatsApp, Locale: "en", Text: "x", TemplateName: "t"}), otp.ErrInvalidRequest, "text"},

		"send: voice":              {send(otp.SendRequest{To: phone, Channel: otp.Voice}), otp.ErrUnsupported, "channel"},
		"send: list":               {send(otp.SendRequest{To: phone + "," + phone}), otp.ErrInvalidRecipient, "to"},
		"send: length":             {send(otp.SendRequest{To: phone, CodeLength: 9}), otp.ErrUnsupported, "code_length"},
		"send: lifetime":           {send(otp.SendRequest{To: phone, TTL: time.Hour}), otp.ErrUnsupported, "ttl"},
		"send: attempts":           {send(otp.SendRequest{To: phone, MaxAttempts: 11}), otp.ErrUnsupported, "max_attempts"},
		"send: own letters":        {send(otp.SendRequest{To: phone, Code: "ABCD"}), otp.ErrUnsupported, "code"},
		"send: own code below":     {send(otp.SendRequest{To: phone, Code: "0067"}), otp.ErrInvalidRequest, "code"},
		"send: own code, length":   {send(otp.SendRequest{To: phone, Code: "12345", CodeLength: 6}), otp.ErrInvalidRequest, "code_length"},
		"send: unique on SMS":      {send(otp.SendRequest{To: phone, Options: []otp.SendOption{insider.Unique()}}), otp.ErrInvalidRequest, "is_unique"},
		"send: empty callback":     {send(otp.SendRequest{To: phone, Options: []otp.SendOption{insider.Callback("")}}), otp.ErrInvalidRequest, "callback"},
		"send: an impostor option": {send(otp.SendRequest{To: phone, Options: []otp.SendOption{impostor{}}}), otp.ErrInvalidRequest, "options"},
		"send: nil option":         {send(otp.SendRequest{To: phone, Options: []otp.SendOption{nil}}), otp.ErrInvalidRequest, "options"},

		"verify: nothing typed":       {verify(""), otp.ErrWrongCode, "code"},
		"verify: a sentence":          {verify("my code"), otp.ErrWrongCode, "code"},
		"verify: letters":             {verify("abcd"), otp.ErrWrongCode, "code"},
		"verify: too short":           {verify("123"), otp.ErrWrongCode, "code"},
		"verify: a megabyte":          {verify(strings.Repeat("1", 1<<20)), otp.ErrWrongCode, "code"},
		"verify: someone else's":      {verifying(otp.Verification{Provider: "kaleyra", To: phone}), otp.ErrMisconfigured, "provider"},
		"verify: of nobody":           {verifying(otp.Verification{}), otp.ErrMisconfigured, "provider"},
		"verify: a recipient changed": {verifying(otp.Verification{Provider: "insider", To: phone + ",+14155550123"}), otp.ErrInvalidRecipient, "to"},
	} {
		t.Run(name, func(t *testing.T) {
			v := answering(202, success)
			err := test.call(t.Context(), client(t, v))
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, "insider", failure.Provider)
			assert.Equal(t, strings.SplitN(strings.ReplaceAll(name, " ", "_"), ":", 2)[0], failure.Op)
			assert.Empty(t, v.requests)
			assert.NotContains(t, err.Error(), phone[4:11])
		})
	}
}

// impostor claims to be this vendor's.
type impostor struct{}

func (impostor) OTPVendor() string { return "insider" }

func verifying(v otp.Verification) func(context.Context, *insider.Client) error {
	return func(ctx context.Context, c *insider.Client) error { return c.Verify(ctx, v, "1234") }
}

func TestBoundariesThatAreAllowed(t *testing.T) {
	for name, call := range map[string]func(context.Context, *insider.Client) error{
		"lowest":              native((*insider.Client).Generate, insider.GenerateRequest{To: phone, TTL: time.Minute, CodeLength: 4, MaxAttempts: 1, CustomCode: "1000"}),
		"highest":             native((*insider.Client).Generate, insider.GenerateRequest{To: phone, TTL: 10 * time.Minute, CodeLength: 8, MaxAttempts: 10, CustomCode: "99999999"}),
		"thousand with zeros": native((*insider.Client).Generate, insider.GenerateRequest{To: phone, CustomCode: "00001000"}),
		"shortest number":     send(otp.SendRequest{To: "+1234567"}),
		"longest number":      send(otp.SendRequest{To: "+123456789012345"}),
	} {
		require.NoError(t, call(t.Context(), client(t, answering(202, sentSMS))), name)
	}
	for _, brand := range []string{"abc", strings.Repeat("é", 30)} {
		require.NoError(t, native((*insider.Client).CreateChannel, insider.CreateChannelRequest{Channel: otp.SMS, BrandName: brand})(
			t.Context(), client(t, answering(201, success))))
	}
	require.NoError(t, native((*insider.Client).UpdateTemplate, insider.UpdateTemplateRequest{
		Channel: otp.SMS, Locale: "en", Text: strings.Repeat("é", 100),
	})(t.Context(), client(t, answering(202, success))))
}

// spent is a limiter that lets nothing through.
func spent() otp.Limiter { return rate.NewLimiter(0, 0) }

func TestEveryLimitCanBeReplaced(t *testing.T) {
	for name, test := range map[string]struct {
		opts    []otp.Option
		refused []string // operations
	}{
		"sends":       {[]otp.Option{otp.WithSendLimiter(spent())}, []string{"generate"}},
		"verifies":    {[]otp.Option{otp.WithVerifyLimiter(spent())}, []string{"check"}},
		"setup":       {[]otp.Option{insider.WithSetupLimiter(spent())}, []string{"create_channel", "update_channel", "create_template", "update_template", "list_templates"}},
		"a channel":   {[]otp.Option{insider.WithGenerateLimiter(otp.SMS, spent())}, []string{"generate"}},
		"the other":   {[]otp.Option{insider.WithGenerateLimiter(otp.WhatsApp, spent())}, nil},
		"no limit":    {[]otp.Option{insider.WithGenerateLimiter(otp.SMS, nil), otp.WithSendLimiter(spent())}, nil},
		"the default": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			for op, operation := range operations {
				err := operation.call(t.Context(), client(t, answering(operation.status, operation.answer), test.opts...))
				refused := false
				for _, r := range test.refused {
					refused = refused || r == op
				}
				if !refused {
					require.NoError(t, err, op)
					continue
				}
				require.ErrorIs(t, err, otp.ErrRateLimited, op)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			}
		})
	}
}

func TestTheDocumentedLimitsAreTheDefault(t *testing.T) {
	whatsApp := operations["generate"]
	whatsApp.answer = sentWhatsApp
	whatsApp.call = native((*insider.Client).Generate, insider.GenerateRequest{To: phone, Channel: otp.WhatsApp})
	for op, most := range map[string]int{
		"generate": 250, "generate on WhatsApp": 750, "check": 750,
		"create_channel": 25, "update_channel": 25, "create_template": 25, "update_template": 25, "list_templates": 25,
	} {
		t.Run(op, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
			defer cancel()
			operation, known := operations[op]
			if !known {
				operation = whatsApp
			}
			c := client(t, answering(operation.status, operation.answer))
			for range most {
				require.NoError(t, operation.call(ctx, c))
			}
			err := operation.call(ctx, c)
			require.ErrorIs(t, err, otp.ErrRateLimited)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			assert.Contains(t, err.Error(), "the client's own limit")
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.InDelta(t, time.Minute, failure.RetryAfter, float64(5*time.Second))
		})
	}
}
