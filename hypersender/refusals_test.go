package hypersender_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/otp"
)

func TestABadConfigIsRefusedByFieldAndRule(t *testing.T) {
	const canary = "canary"
	with := func(change func(*hypersender.Config)) hypersender.Config {
		cfg := config()
		change(&cfg)
		return cfg
	}
	id := func(id string) hypersender.Config { return with(func(c *hypersender.Config) { c.Instance = id }) }
	key := func(token string) hypersender.Config { return with(func(c *hypersender.Config) { c.Token = token }) }
	base := func(url string) hypersender.Config { return with(func(c *hypersender.Config) { c.BaseURL = url }) }
	app := func(name string) hypersender.Config { return with(func(c *hypersender.Config) { c.AppName = name }) }
	for name, test := range map[string]struct {
		cfg   hypersender.Config
		opts  []otp.Option
		field string
	}{
		"no instance":              {id(""), nil, "instance"},
		"instance of dots":         {id(".."), nil, "instance"},
		"instance of a dot":        {id("."), nil, "instance"},
		"instance with a dot":      {id("canary.x"), nil, "instance"},
		"instance with a slash":    {id("canary/x"), nil, "instance"},
		"instance with a query":    {id("canary?x"), nil, "instance"},
		"instance with a fragment": {id("canary#x"), nil, "instance"},
		"instance escaped":         {id("canary%2f"), nil, "instance"},
		"instance with space":      {id("canary "), nil, "instance"},
		"instance with line break": {id("canary\n"), nil, "instance"},
		"instance not ASCII":       {id("canaryé"), nil, "instance"},
		"instance too long":        {id("canary" + strings.Repeat("x", 59)), nil, "instance"},
		"no token":                 {key(""), nil, "token"},
		"token with a line break":  {key("canary\n"), nil, "token"},
		"token with space before":  {key(" canary"), nil, "token"},
		"token with NUL":           {key("canary\x00x"), nil, "token"},
		"token with a header":      {key("canary\r\nX-Other: 1"), nil, "token"},
		"token not ASCII":          {key("canaryé"), nil, "token"},
		"the mask as the token":    {key("[redacted]"), nil, "token"},
		"no name":                  {app(""), nil, "app_name"},
		"blank name":               {app(" \t\n"), nil, "app_name"},
		"no host":                  {base("canary"), nil, "base_url"},
		"plain http":               {base("http://canary.example"), nil, "base_url"},
		"another scheme":           {base("file:///canary"), []otp.Option{otp.WithPlainHTTP()}, "base_url"},
		"user and password":        {base("https://canary:canary@host"), nil, "base_url"},
		"query":                    {base("https://host?canary=1"), nil, "base_url"},
		"dots in the path":         {base("https://host/a/../canary"), nil, "base_url"},
		"nil option":               {config(), []otp.Option{nil}, "options"},
		"bad name":                 {config(), []otp.Option{otp.WithName("canary\n")}, "name"},
		"negative time-out":        {config(), []otp.Option{otp.WithTimeout(-1)}, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := hypersender.New(test.cfg, test.opts...)
			assert.Nil(t, c)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Contains(t, err.Error(), "hypersender: new: misconfigured: "+test.field+": ")
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

func TestInstancesThatAreAllowed(t *testing.T) {
	for _, id := range []string{"x", "A-b_9", instance, strings.Repeat("x", 64)} {
		cfg := config()
		cfg.Instance = id
		v := answering(200, validated)
		c, err := hypersender.New(cfg, otp.WithHTTPClient(&http.Client{Transport: v}))
		require.NoError(t, err)
		require.NoError(t, c.Verify(t.Context(), verification(), "123456"))
		assert.Equal(t, host+"/"+id+"/validate-code", v.requests[0].path)
	}
}

func TestABaseURLMayHaveATrailingSlashAndAPath(t *testing.T) {
	for base, want := range map[string]string{
		"https://proxy.example/":           "https://proxy.example/" + instance + "/validate-code",
		"https://proxy.example/otp//":      "https://proxy.example/otp/" + instance + "/validate-code",
		"http://127.0.0.1:8080/api/otp/v2": "http://127.0.0.1:8080/api/otp/v2/" + instance + "/validate-code",
	} {
		cfg := config()
		cfg.BaseURL = base
		v := answering(200, validated)
		c, err := hypersender.New(cfg, otp.WithHTTPClient(&http.Client{Transport: v}))
		require.NoError(t, err, base)
		require.NoError(t, c.Verify(t.Context(), verification(), "123456"))
		assert.Equal(t, want, v.requests[0].path)
	}
}

func TestABadRequestNeverReachesTheNetwork(t *testing.T) {
	coding := func(change func(*hypersender.RequestCodeRequest)) func(context.Context, *hypersender.Client) error {
		req := hypersender.RequestCodeRequest{ChatID: chat}
		change(&req)
		return requestCode(req)
	}
	linking := func(change func(*hypersender.GenerateLinkRequest)) func(context.Context, *hypersender.Client) error {
		req := sampleLink()
		change(&req)
		return generateLink(req)
	}
	validating := func(code string) func(context.Context, *hypersender.Client) error {
		return validateCode(hypersender.ValidateCodeRequest{ChatID: chat, Code: code})
	}
	option := func(option otp.SendOption) func(context.Context, *hypersender.Client) error {
		return send(otp.SendRequest{To: phone, Options: []otp.SendOption{option}})
	}
	for name, test := range map[string]struct {
		call  func(context.Context, *hypersender.Client) error
		kind  otp.Kind
		field string
	}{
		"request code: no chat":          {coding(func(r *hypersender.RequestCodeRequest) { r.ChatID = "" }), otp.ErrInvalidRecipient, "chat_id"},
		"request code: 3 characters":     {coding(func(r *hypersender.RequestCodeRequest) { r.Length = 3 }), otp.ErrInvalidRequest, "length"},
		"request code: 11 characters":    {coding(func(r *hypersender.RequestCodeRequest) { r.Length = 11 }), otp.ErrInvalidRequest, "length"},
		"request code: negative length":  {coding(func(r *hypersender.RequestCodeRequest) { r.Length = -6 }), otp.ErrInvalidRequest, "length"},
		"request code: no characters":    {coding(func(r *hypersender.RequestCodeRequest) { r.NoNumber = true }), otp.ErrInvalidRequest, "no_number"},
		"request code: blank name":       {coding(func(r *hypersender.RequestCodeRequest) { r.Name = " " }), otp.ErrInvalidRequest, "name"},
		"request code: 59 s":             {coding(func(r *hypersender.RequestCodeRequest) { r.Expires = 59 * time.Second }), otp.ErrInvalidRequest, "expires"},
		"request code: 1801 s":           {coding(func(r *hypersender.RequestCodeRequest) { r.Expires = 1801 * time.Second }), otp.ErrInvalidRequest, "expires"},
		"request code: 60.5 s":           {coding(func(r *hypersender.RequestCodeRequest) { r.Expires = 60500 * time.Millisecond }), otp.ErrInvalidRequest, "expires"},
		"request code: negative time":    {coding(func(r *hypersender.RequestCodeRequest) { r.Expires = -time.Minute }), otp.ErrInvalidRequest, "expires"},
		"request code: half a second":    {coding(func(r *hypersender.RequestCodeRequest) { r.Expires = 500 * time.Millisecond }), otp.ErrInvalidRequest, "expires"},
		"validate code: no chat":         {validateCode(hypersender.ValidateCodeRequest{Code: "1234"}), otp.ErrInvalidRecipient, "chat_id"},
		"validate code: no code":         {validating(""), otp.ErrInvalidRequest, "code"},
		"validate code: 3 characters":    {validating("123"), otp.ErrInvalidRequest, "code"},
		"validate code: 11 characters":   {validating("12345678901"), otp.ErrInvalidRequest, "code"},
		"validate code: a space":         {validating("1234 "), otp.ErrInvalidRequest, "code"},
		"validate code: Arabic digits":   {validating("١٢٣"), otp.ErrInvalidRequest, "code"},
		"validate code: a megabyte":      {validating(strings.Repeat("1", 1<<20)), otp.ErrInvalidRequest, "code"},
		"generate link: 59 s":            {linking(func(r *hypersender.GenerateLinkRequest) { r.Expires = 59 * time.Second }), otp.ErrInvalidRequest, "expires"},
		"generate link: 3601 s":          {linking(func(r *hypersender.GenerateLinkRequest) { r.Expires = 3601 * time.Second }), otp.ErrInvalidRequest, "expires"},
		"generate link: 90.5 s":          {linking(func(r *hypersender.GenerateLinkRequest) { r.Expires = 90500 * time.Millisecond }), otp.ErrInvalidRequest, "expires"},
		"generate link: blank name":      {linking(func(r *hypersender.GenerateLinkRequest) { r.Name = "\t" }), otp.ErrInvalidRequest, "name"},
		"generate link: callback no URL": {linking(func(r *hypersender.GenerateLinkRequest) { r.Callback.Success = "shop.example/x" }), otp.ErrInvalidRequest, "callback.success"},
		"generate link: callback scheme": {linking(func(r *hypersender.GenerateLinkRequest) { r.Callback.Failed = "ftp://shop.example/x" }), otp.ErrInvalidRequest, "callback.failed"},

		"send: no recipient":              {send(otp.SendRequest{}), otp.ErrInvalidRecipient, "to"},
		"send: list":                      {send(otp.SendRequest{To: phone + "," + phone}), otp.ErrInvalidRecipient, "to"},
		"send: a chat id":                 {send(otp.SendRequest{To: chat}), otp.ErrInvalidRecipient, "to"},
		"send: a number with a suffix":    {send(otp.SendRequest{To: phone + "@c.us"}), otp.ErrInvalidRecipient, "to"},
		"send: SMS":                       {send(otp.SendRequest{To: phone, Channel: otp.SMS}), otp.ErrUnsupported, "channel"},
		"send: voice":                     {send(otp.SendRequest{To: phone, Channel: otp.Voice}), otp.ErrUnsupported, "channel"},
		"send: 3 characters":              {send(otp.SendRequest{To: phone, CodeLength: 3}), otp.ErrUnsupported, "code_length"},
		"send: 11 characters":             {send(otp.SendRequest{To: phone, CodeLength: 11}), otp.ErrUnsupported, "code_length"},
		"send: 59 s":                      {send(otp.SendRequest{To: phone, TTL: 59 * time.Second}), otp.ErrUnsupported, "ttl"},
		"send: an hour":                   {send(otp.SendRequest{To: phone, TTL: time.Hour}), otp.ErrUnsupported, "ttl"},
		"send: attempts":                  {send(otp.SendRequest{To: phone, MaxAttempts: 3}), otp.ErrUnsupported, "max_attempts"},
		"send: own code":                  {send(otp.SendRequest{To: phone, Code: "123456"}), otp.ErrUnsupported, "code"},
		"send: an empty alphabet":         {option(hypersender.Alphabet()), otp.ErrInvalidRequest, "alphabet"},
		"send: a set without a name":      {option(hypersender.Alphabet(hypersender.Digits, "")), otp.ErrInvalidRequest, "alphabet"},
		"send: a set that is none":        {option(hypersender.Alphabet("lower_case", hypersender.Digits)), otp.ErrInvalidRequest, "alphabet"},
		"send: an impostor option":        {option(impostor{}), otp.ErrInvalidRequest, "options"},
		"send: nil option":                {option(nil), otp.ErrInvalidRequest, "options"},
		"verify: nothing typed":           {verify(""), otp.ErrWrongCode, "code"},
		"verify: a sentence":              {verify("my code!"), otp.ErrWrongCode, "code"},
		"verify: too short":               {verify("123"), otp.ErrWrongCode, "code"},
		"verify: too long":                {verify("12345678901"), otp.ErrWrongCode, "code"},
		"verify: not letters or digits":   {verify("12.456"), otp.ErrWrongCode, "code"},
		"verify: a megabyte":              {verify(strings.Repeat("1", 1<<20)), otp.ErrWrongCode, "code"},
		"verify: someone else's":          {verifying(otp.Verification{Provider: "kaleyra", To: phone}), otp.ErrMisconfigured, "provider"},
		"verify: of nobody":               {verifying(otp.Verification{}), otp.ErrMisconfigured, "provider"},
		"verify: a recipient changed":     {verifying(otp.Verification{Provider: "hypersender", To: phone + ",+14155550123"}), otp.ErrInvalidRecipient, "to"},
		"verify: a recipient that is not": {verifying(otp.Verification{Provider: "hypersender", To: chat}), otp.ErrInvalidRecipient, "to"},
	} {
		t.Run(name, func(t *testing.T) {
			v := answering(200, validated)
			err := test.call(t.Context(), client(t, v))
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, "hypersender", failure.Provider)
			assert.Equal(t, strings.SplitN(strings.ReplaceAll(name, " ", "_"), ":", 2)[0], failure.Op)
			assert.Empty(t, v.requests)
			assert.NotContains(t, err.Error(), phone[4:11])
		})
	}
}

// impostor claims to be this vendor's.
type impostor struct{}

func (impostor) OTPVendor() string { return "hypersender" }

func verifying(v otp.Verification) func(context.Context, *hypersender.Client) error {
	return func(ctx context.Context, c *hypersender.Client) error { return c.Verify(ctx, v, "123456") }
}

func TestBoundariesThatAreAllowed(t *testing.T) {
	requested := strings.Replace(requested, "20123456789@c.us", "", 1) // it is for anybody
	for name, test := range map[string]struct {
		answer string
		call   func(context.Context, *hypersender.Client) error
	}{
		"lowest":           {requested, requestCode(hypersender.RequestCodeRequest{ChatID: chat, Length: 4, Expires: time.Minute})},
		"highest":          {requested, requestCode(hypersender.RequestCodeRequest{ChatID: chat, Length: 10, Expires: 30 * time.Minute})},
		"any chat":         {requested, requestCode(hypersender.RequestCodeRequest{ChatID: "what may come"})},
		"send, lowest":     {requested, send(otp.SendRequest{To: "+1234567", CodeLength: 4, TTL: time.Minute})},
		"send, highest":    {requested, send(otp.SendRequest{To: "+123456789012345", CodeLength: 10, TTL: 30 * time.Minute})},
		"longest link":     {linked, generateLink(hypersender.GenerateLinkRequest{Expires: time.Hour})},
		"shortest link":    {linked, generateLink(hypersender.GenerateLinkRequest{Expires: time.Minute})},
		"callback by http": {linked, generateLink(hypersender.GenerateLinkRequest{Callback: hypersender.LinkCallback{Success: "http://a.example"}})},
		"shortest code":    {validated, verify("aB3x")},
		"longest code":     {validated, verify("0123456789")},
	} {
		require.NoError(t, test.call(t.Context(), client(t, answering(200, test.answer))), name)
	}
}

func TestCapabilitiesAreTheCallersToChange(t *testing.T) {
	want := otp.Capabilities{
		Vendor: "hypersender", Default: otp.WhatsApp,
		Channels: map[otp.Channel]otp.Features{otp.WhatsApp: {
			CodeLength:   otp.Range[int]{Min: 4, Max: 10},
			TTL:          otp.Range[time.Duration]{Min: time.Minute, Max: 30 * time.Minute},
			Alphanumeric: true,
		}},
	}
	c := client(t, answering(200, requested))
	assert.Equal(t, want, c.Capabilities())
	delete(c.Capabilities().Channels, otp.WhatsApp)
	assert.Equal(t, want, c.Capabilities())
}

func TestAnInstanceHasAName(t *testing.T) {
	c := client(t, answering(200, requested), otp.WithName("second"))
	assert.Equal(t, "second", c.Name())
	v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Equal(t, "second", v.Provider)
	require.ErrorIs(t, c.Verify(t.Context(), verification(), "123456"), otp.ErrMisconfigured, "the other one sent it")
}

// spent is a limiter that lets nothing through.
func spent() otp.Limiter { return rate.NewLimiter(0, 0) }

func TestThereIsNoLimitButTheCallers(t *testing.T) {
	for name, test := range map[string]struct {
		opts    []otp.Option
		refused map[string]bool
	}{
		"the default": {nil, nil},
		"no limit":    {[]otp.Option{otp.WithSendLimiter(nil), otp.WithVerifyLimiter(nil)}, nil},
		"sends":       {[]otp.Option{otp.WithSendLimiter(spent())}, map[string]bool{"request_code": true, "generate_link": true}},
		"verifies":    {[]otp.Option{otp.WithVerifyLimiter(spent())}, map[string]bool{"validate_code": true}},
	} {
		t.Run(name, func(t *testing.T) {
			for op, operation := range operations {
				v := answering(200, operation.answer)
				err := operation.call(t.Context(), client(t, v, test.opts...))
				if !test.refused[op] {
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

func TestLimitsBelongToTheInstance(t *testing.T) {
	shared := new(otp.Shared)
	sending := func(id, token string) error {
		c, err := hypersender.New(hypersender.Config{Instance: id, Token: token, AppName: "Example Shop"},
			otp.WithHTTPClient(&http.Client{Transport: answering(200, requested)}),
			otp.WithShared(shared), otp.WithSendRate(otp.Rate{Events: 1, Per: time.Hour}))
		require.NoError(t, err)
		_, err = c.Send(t.Context(), otp.SendRequest{To: phone})
		return err
	}
	require.NoError(t, sending("one", "old-token"))
	require.ErrorIs(t, sending("one", "new-token"), otp.ErrRateLimited, "a new token is the same account")
	require.NoError(t, sending("two", "old-token"))
}
