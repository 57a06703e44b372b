package kaleyra_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

func TestABadConfigIsRefusedByFieldAndRule(t *testing.T) {
	const secret = "canary"
	with := func(change func(*kaleyra.Config)) kaleyra.Config {
		cfg := config()
		change(&cfg)
		return cfg
	}
	sidOf := func(sid string) kaleyra.Config { return with(func(c *kaleyra.Config) { c.SID = sid }) }
	keyOf := func(key string) kaleyra.Config { return with(func(c *kaleyra.Config) { c.APIKey = key }) }
	urlOf := func(url string) kaleyra.Config { return with(func(c *kaleyra.Config) { c.BaseURL = url }) }
	flowOf := func(id string) kaleyra.Config { return with(func(c *kaleyra.Config) { c.FlowID = id }) }
	flow := func(f kaleyra.Flow) kaleyra.Config { return with(func(c *kaleyra.Config) { c.Flow = f }) }
	channels := func(channels ...otp.Channel) kaleyra.Config { return flow(kaleyra.Flow{Channels: channels}) }
	for name, test := range map[string]struct {
		cfg   kaleyra.Config
		opts  []otp.Option
		field string
	}{
		"no SID":                    {sidOf(""), nil, "sid"},
		"SID that climbs":           {sidOf(".."), nil, "sid"},
		"SID of a dot":              {sidOf("."), nil, "sid"},
		"SID with a slash":          {sidOf("canary/b"), nil, "sid"},
		"SID with a backslash":      {sidOf(`canary\b`), nil, "sid"},
		"SID with a query":          {sidOf("canary?x"), nil, "sid"},
		"SID with a fragment":       {sidOf("canary#f"), nil, "sid"},
		"SID with an escape":        {sidOf("canary%2e%2e"), nil, "sid"},
		"SID with space":            {sidOf("canary b"), nil, "sid"},
		"SID with a line break":     {sidOf("canary\n"), nil, "sid"},
		"SID with NUL":              {sidOf("canary\x00"), nil, "sid"},
		"SID not ASCII":             {sidOf("canaryé"), nil, "sid"},
		"SID of 65":                 {sidOf("canary" + strings.Repeat("a", 59)), nil, "sid"},
		"no key":                    {keyOf(""), nil, "api_key"},
		"key with a line break":     {keyOf(secret + "\n"), nil, "api_key"},
		"key with space before":     {keyOf(" " + secret), nil, "api_key"},
		"key with a header in it":   {keyOf(secret + "\r\nX-Other: 1"), nil, "api_key"},
		"key not ASCII":             {keyOf(secret + "é"), nil, "api_key"},
		"the mask as the key":       {keyOf("[redacted]"), nil, "api_key"},
		"no host":                   {urlOf("canary"), nil, "base_url"},
		"plain http":                {urlOf("http://canary.example"), nil, "base_url"},
		"another scheme":            {urlOf("file:///canary"), []otp.Option{otp.WithPlainHTTP()}, "base_url"},
		"user and password":         {urlOf("https://canary:canary@host"), nil, "base_url"},
		"query":                     {urlOf("https://host?canary=1"), nil, "base_url"},
		"fragment":                  {urlOf("https://host/#canary"), nil, "base_url"},
		"dots in the path":          {urlOf("https://host/a/../canary"), nil, "base_url"},
		"flow ID with a line break": {flowOf("canary\n"), nil, "flow_id"},
		"flow ID with space":        {flowOf("canary b"), nil, "flow_id"},
		"flow ID of 129":            {flowOf("canary" + strings.Repeat("a", 123)), nil, "flow_id"},
		"negative length":           {flow(kaleyra.Flow{CodeLength: -6}), nil, "flow.code_length"},
		"length of 33":              {flow(kaleyra.Flow{CodeLength: 33}), nil, "flow.code_length"},
		"negative lifetime":         {flow(kaleyra.Flow{TTL: -time.Minute}), nil, "flow.ttl"},
		"a fraction of a second":    {flow(kaleyra.Flow{TTL: 1500 * time.Millisecond}), nil, "flow.ttl"},
		"no such channel":           {channels("canary"), nil, "flow.channels"},
		"a channel's case":          {channels("SMS"), nil, "flow.channels"},
		"no channel's name":         {channels(otp.SMS, ""), nil, "flow.channels"},
		"WhatsApp":                  {channels(otp.WhatsApp), nil, "flow.channels"},
		"e-mail as a channel":       {channels(otp.SMS, "email"), nil, "flow.channels"},
		"nil option":                {config(), []otp.Option{nil}, "options"},
		"bad name":                  {config(), []otp.Option{otp.WithName("canary\n")}, "name"},
		"nil client":                {config(), []otp.Option{otp.WithHTTPClient(nil)}, "http_client"},
		"negative time-out":         {config(), []otp.Option{otp.WithTimeout(-1)}, "timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := kaleyra.New(test.cfg, test.opts...)
			assert.Nil(t, c)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Contains(t, err.Error(), "kaleyra: new: misconfigured: "+test.field+": ")
			assert.NotContains(t, err.Error(), secret)
			assert.NotContains(t, err.Error(), key)
		})
	}
}

func TestABadRequestNeverReachesTheNetwork(t *testing.T) {
	addressed := func(address string) func(context.Context, *kaleyra.Client) error {
		return generate(kaleyra.GenerateRequest{To: phone, Email: address})
	}
	byFlow := func(id string) func(context.Context, *kaleyra.Client) error {
		return generate(kaleyra.GenerateRequest{To: phone, FlowID: id})
	}
	code := func(code string) func(context.Context, *kaleyra.Client) error {
		return validate(kaleyra.ValidateRequest{VerifyID: verifyID, Code: code})
	}
	of := func(id string) func(context.Context, *kaleyra.Client) error {
		return validate(kaleyra.ValidateRequest{VerifyID: id, Code: "1234"})
	}
	with := func(change func(*otp.SendRequest)) func(context.Context, *kaleyra.Client) error {
		req := otp.SendRequest{To: phone}
		change(&req)
		return send(req)
	}
	for name, test := range map[string]struct {
		call  func(context.Context, *kaleyra.Client) error
		kind  otp.Kind
		field string
	}{
		"generate: no recipient":       {generate(kaleyra.GenerateRequest{}), otp.ErrInvalidRecipient, "to"},
		"generate: two recipients":     {generate(kaleyra.GenerateRequest{To: phone + ",+14155550123"}), otp.ErrInvalidRecipient, "to"},
		"generate: no plus":            {generate(kaleyra.GenerateRequest{To: phone[1:]}), otp.ErrInvalidRecipient, "to"},
		"generate: address alone":      {generate(kaleyra.GenerateRequest{Email: email}), otp.ErrInvalidRecipient, "to"},
		"generate: no address":         {addressed("nobody"), otp.ErrInvalidRequest, "email"},
		"generate: address, name":      {addressed("A Person <a@canary.example>"), otp.ErrInvalidRequest, "email"},
		"generate: address, brackets":  {addressed("<a@canary.example>"), otp.ErrInvalidRequest, "email"},
		"generate: address, comment":   {addressed("a@canary.example (a)"), otp.ErrInvalidRequest, "email"},
		"generate: address, space":     {addressed(" a@canary.example"), otp.ErrInvalidRequest, "email"},
		"generate: address, newline":   {addressed("a@canary.example\n"), otp.ErrInvalidRequest, "email"},
		"generate: address, header":    {addressed("a@canary.example\r\nBcc: b@canary.example"), otp.ErrInvalidRequest, "email"},
		"generate: two addresses":      {addressed("a@canary.example,b@canary.example"), otp.ErrInvalidRequest, "email"},
		"generate: two by semicolon":   {addressed("a@canary.example;b@canary.example"), otp.ErrInvalidRequest, "email"},
		"generate: quoted":             {addressed(`"a b"@canary.example`), otp.ErrInvalidRequest, "email"},
		"generate: a group":            {addressed("g: a@canary.example;"), otp.ErrInvalidRequest, "email"},
		"generate: address too long":   {addressed(strings.Repeat("a", 240) + "@canary.example"), otp.ErrInvalidRequest, "email"},
		"generate: flow with space":    {byFlow("a b"), otp.ErrInvalidRequest, "flow_id"},
		"generate: flow with newline":  {byFlow("canary\n"), otp.ErrInvalidRequest, "flow_id"},
		"generate: flow too long":      {byFlow(strings.Repeat("a", 129)), otp.ErrInvalidRequest, "flow_id"},
		"validate: no verify ID":       {of(""), otp.ErrInvalidRequest, "verify_id"},
		"validate: ID with space":      {of("a b"), otp.ErrInvalidRequest, "verify_id"},
		"validate: ID with newline":    {of("canary\n"), otp.ErrInvalidRequest, "verify_id"},
		"validate: ID not ASCII":       {of("canaryé"), otp.ErrInvalidRequest, "verify_id"},
		"validate: ID too long":        {of(strings.Repeat("a", 129)), otp.ErrInvalidRequest, "verify_id"},
		"validate: no code":            {code(""), otp.ErrInvalidRequest, "code"},
		"validate: space":              {code("12 34"), otp.ErrInvalidRequest, "code"},
		"validate: space around":       {code(" 1234"), otp.ErrInvalidRequest, "code"},
		"validate: newline":            {code("1234\n"), otp.ErrInvalidRequest, "code"},
		"validate: a sign":             {code("12-34"), otp.ErrInvalidRequest, "code"},
		"validate: Arabic digits":      {code("١٢٣٤"), otp.ErrInvalidRequest, "code"},
		"validate: 33 characters":      {code(strings.Repeat("1", 33)), otp.ErrInvalidRequest, "code"},
		"send: list":                   {with(func(r *otp.SendRequest) { r.To += "," + phone }), otp.ErrInvalidRecipient, "to"},
		"send: voice":                  {with(func(r *otp.SendRequest) { r.Channel = otp.Voice }), otp.ErrUnsupported, "channel"},
		"send: WhatsApp":               {with(func(r *otp.SendRequest) { r.Channel = otp.WhatsApp }), otp.ErrUnsupported, "channel"},
		"send: length":                 {with(func(r *otp.SendRequest) { r.CodeLength = 6 }), otp.ErrUnsupported, "code_length"},
		"send: lifetime":               {with(func(r *otp.SendRequest) { r.TTL = 5 * time.Minute }), otp.ErrUnsupported, "ttl"},
		"send: attempts":               {with(func(r *otp.SendRequest) { r.MaxAttempts = 3 }), otp.ErrUnsupported, "max_attempts"},
		"send: own code":               {with(func(r *otp.SendRequest) { r.Code = "4711" }), otp.ErrUnsupported, "code"},
		"send: empty address":          {with(func(r *otp.SendRequest) { r.Options = []otp.SendOption{kaleyra.Email("")} }), otp.ErrInvalidRequest, "email"},
		"send: two addresses":          {with(func(r *otp.SendRequest) { r.Options = []otp.SendOption{kaleyra.Email("a@b.example,c@d.example")} }), otp.ErrInvalidRequest, "email"},
		"send: an impostor option":     {with(func(r *otp.SendRequest) { r.Options = []otp.SendOption{impostor{}} }), otp.ErrInvalidRequest, "options"},
		"send: nil option":             {with(func(r *otp.SendRequest) { r.Options = []otp.SendOption{nil} }), otp.ErrInvalidRequest, "options"},
		"verify: nothing typed":        {verify(""), otp.ErrWrongCode, "code"},
		"verify: a sentence":           {verify("my code!"), otp.ErrWrongCode, "code"},
		"verify: signs":                {verify("12.34"), otp.ErrWrongCode, "code"},
		"verify: JSON":                 {verify(`1","x":"`), otp.ErrWrongCode, "code"},
		"verify: a megabyte":           {verify(strings.Repeat("1", 1<<20)), otp.ErrWrongCode, "code"},
		"verify: someone else's":       {verifying(otp.Verification{Provider: "insider", ID: verifyID, To: phone}), otp.ErrMisconfigured, "provider"},
		"verify: of nobody":            {verifying(otp.Verification{}), otp.ErrMisconfigured, "provider"},
		"verify: without an ID":        {verifying(otp.Verification{Provider: "kaleyra", To: phone}), otp.ErrUnavailable, "id"},
		"verify: an ID that is a list": {verifying(otp.Verification{Provider: "kaleyra", ID: verifyID + " " + verifyID}), otp.ErrInvalidRequest, "verify_id"},
	} {
		t.Run(name, func(t *testing.T) {
			v := answering(200, verified)
			err := test.call(t.Context(), client(t, v))
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.kind, failure.Kind)
			assert.Equal(t, test.field, failure.Field)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, "kaleyra", failure.Provider)
			assert.Equal(t, strings.SplitN(name, ":", 2)[0], failure.Op)
			assert.Empty(t, v.requests)
			assert.NotContains(t, err.Error(), phone[4:11])
			assert.NotContains(t, err.Error(), "canary")
		})
	}
}

// impostor claims to be this vendor's.
type impostor struct{}

func (impostor) OTPVendor() string { return "kaleyra" }

func verifying(v otp.Verification) func(context.Context, *kaleyra.Client) error {
	return func(ctx context.Context, c *kaleyra.Client) error { return c.Verify(ctx, v, "1234") }
}

func TestBoundariesThatAreAllowed(t *testing.T) {
	sent := strings.Replace(sent, "905321234567", "", 1) // it is for anybody
	for name, call := range map[string]func(context.Context, *kaleyra.Client) error{
		"shortest number":     send(otp.SendRequest{To: "+1234567"}),
		"longest number":      send(otp.SendRequest{To: "+123456789012345"}),
		"address with a tag":  generate(kaleyra.GenerateRequest{To: phone, Email: "a.b+tag@mail.example"}),
		"longest flow ID":     generate(kaleyra.GenerateRequest{To: phone, FlowID: strings.Repeat("a", 128)}),
		"shortest code":       verify("1"),
		"longest code":        verify(strings.Repeat("z", 32)),
		"a code with letters": verify("Ab12"),
	} {
		require.NoError(t, call(t.Context(), client(t, answering(200, sent))), name)
	}
	for _, sid := range []string{"H", "HXAP16XXXXXX97IN", "a-b_c", strings.Repeat("a", 64)} {
		v := answering(200, sent)
		require.NoError(t, send(otp.SendRequest{To: phone})(t.Context(), clientOf(t, kaleyra.Config{SID: sid, APIKey: key}, v)))
		assert.Equal(t, host+"/v1/"+sid+"/verify", v.requests[0].path)
	}
}

func TestTheFlowMayBeAskedForWhatItIsDeclaredToBe(t *testing.T) {
	for _, test := range []struct {
		flow  kaleyra.Flow
		req   otp.SendRequest
		field string // that is refused; "" = none
	}{
		{kaleyra.Flow{CodeLength: 6}, otp.SendRequest{CodeLength: 6}, ""},
		{kaleyra.Flow{CodeLength: 6}, otp.SendRequest{CodeLength: 5}, "code_length"},
		{kaleyra.Flow{CodeLength: 6}, otp.SendRequest{CodeLength: 7}, "code_length"},
		{kaleyra.Flow{CodeLength: 6}, otp.SendRequest{TTL: time.Minute}, "ttl"},
		{kaleyra.Flow{TTL: time.Minute}, otp.SendRequest{TTL: time.Minute}, ""},
		{kaleyra.Flow{TTL: time.Minute}, otp.SendRequest{TTL: 59 * time.Second}, "ttl"},
		{kaleyra.Flow{TTL: time.Minute}, otp.SendRequest{TTL: 61 * time.Second}, "ttl"},
		{kaleyra.Flow{TTL: time.Minute}, otp.SendRequest{CodeLength: 6}, "code_length"},
		{kaleyra.Flow{}, otp.SendRequest{Channel: otp.SMS}, ""},
		{kaleyra.Flow{}, otp.SendRequest{Channel: otp.Voice}, "channel"},
		{kaleyra.Flow{Channels: []otp.Channel{otp.Voice}}, otp.SendRequest{Channel: otp.Voice}, ""},
		{kaleyra.Flow{Channels: []otp.Channel{otp.Voice}}, otp.SendRequest{Channel: otp.SMS}, "channel"},
		{kaleyra.Flow{Channels: []otp.Channel{otp.SMS, otp.Voice}}, otp.SendRequest{Channel: otp.Voice}, ""},
		{kaleyra.Flow{Channels: []otp.Channel{otp.SMS, otp.Voice}}, otp.SendRequest{Channel: otp.WhatsApp}, "channel"},
		{kaleyra.Flow{CodeLength: 6, Alphanumeric: true}, otp.SendRequest{Code: "ABC123"}, "code"},
		{declared().Flow, otp.SendRequest{CodeLength: 6, TTL: 5 * time.Minute, Channel: otp.SMS}, ""},
		{declared().Flow, otp.SendRequest{MaxAttempts: 3}, "max_attempts"},
	} {
		cfg := config()
		cfg.Flow = test.flow
		v := answering(200, sent)
		test.req.To = phone
		err := send(test.req)(t.Context(), clientOf(t, cfg, v))
		if test.field == "" {
			require.NoError(t, err, "%+v", test)
			assert.Len(t, v.requests, 1)
			assert.JSONEq(t, `{"to":{"mobile":"`+phone+`"}}`, v.requests[0].body, "a declaration is never sent")
			continue
		}
		var failure *otp.Error
		require.ErrorAs(t, err, &failure, "%+v", test)
		assert.Equal(t, otp.ErrUnsupported, failure.Kind)
		assert.Equal(t, test.field, failure.Field)
		assert.Empty(t, v.requests)
	}
}

func TestCapabilitiesAreWhatTheFlowDeclares(t *testing.T) {
	assert.Equal(t, otp.Capabilities{
		Vendor: "kaleyra", Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: {}},
	}, client(t, answering(200, sent)).Capabilities())

	features := otp.Features{
		CodeLength:   otp.Range[int]{Min: 8, Max: 8},
		TTL:          otp.Range[time.Duration]{Min: time.Hour, Max: time.Hour},
		Alphanumeric: true,
	}
	cfg := config()
	cfg.Flow = kaleyra.Flow{CodeLength: 8, TTL: time.Hour, Channels: []otp.Channel{otp.Voice, otp.SMS, otp.Voice}, Alphanumeric: true}
	c := clientOf(t, cfg, answering(200, sent))
	want := otp.Capabilities{
		Vendor: "kaleyra", Default: otp.Voice, Channels: map[otp.Channel]otp.Features{otp.SMS: features, otp.Voice: features},
	}
	assert.Equal(t, want, c.Capabilities())

	cfg.Flow.Channels[0] = otp.SMS
	delete(c.Capabilities().Channels, otp.Voice)
	assert.Equal(t, want, c.Capabilities(), "what callers do to their copies is of no concern")
}

// spent is a limiter that lets nothing through.
func spent() otp.Limiter { return rate.NewLimiter(0, 0) }

func TestLimitsAreTheCallersAlone(t *testing.T) {
	for name, test := range map[string]struct {
		opts    []otp.Option
		refused string // operation
	}{
		"sends":       {[]otp.Option{otp.WithSendLimiter(spent())}, "generate"},
		"verifies":    {[]otp.Option{otp.WithVerifyLimiter(spent())}, "validate"},
		"lifted":      {[]otp.Option{otp.WithSendLimiter(spent()), otp.WithSendLimiter(nil)}, ""},
		"the default": {nil, ""},
	} {
		for op, call := range operations {
			c := client(t, answering(200, sent), test.opts...)
			for range 100 {
				err := call(t.Context(), c)
				if op != test.refused {
					require.NoError(t, err, "%s %s", name, op)
					continue
				}
				require.ErrorIs(t, err, otp.ErrRateLimited, name)
				assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			}
		}
	}
}

func TestLimitsBelongToTheSID(t *testing.T) {
	shared := new(otp.Shared)
	sending := func(sid, key string) error {
		cfg := kaleyra.Config{SID: sid, APIKey: key}
		c := clientOf(t, cfg, answering(200, sent), otp.WithShared(shared), otp.WithSendRate(otp.Rate{Events: 1, Per: time.Hour}))
		_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		return err
	}
	require.NoError(t, sending("HX1", "old-key"))
	require.ErrorIs(t, sending("HX1", "new-key"), otp.ErrRateLimited, "a new key is the same account")
	require.NoError(t, sending("HX2", "old-key"))
}
