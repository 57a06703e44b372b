package insider_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// simulated is an account at a simulated Insider, over real HTTP.
func simulated(t *testing.T, quirks insidertest.Quirks, opts ...otp.Option) (*insidertest.Server, *insider.Client) {
	t.Helper()
	srv := insidertest.NewServer(insidertest.WithQuirks(quirks))
	t.Cleanup(srv.Close)
	opts = append([]otp.Option{
		otp.WithTimeout(2 * time.Second),
		otp.WithRetry(otp.RetryPolicy{MinWait: time.Millisecond, MaxWait: time.Millisecond}),
	}, opts...)
	c, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL}, opts...)
	require.NoError(t, err)
	return srv, c
}

var channels = []otp.Channel{otp.SMS, otp.WhatsApp}

// otherThan is a code that is not code.
func otherThan(code string) string {
	if code[0] == '9' {
		return "8" + code[1:]
	}
	return "9" + code[1:]
}

func TestACodeIsSentAndVerifiedOnce(t *testing.T) {
	for _, channel := range channels {
		for name, quirks := range map[string]insidertest.Quirks{
			"default": {}, "camel case": {CamelCaseWhatsApp: true},
		} {
			t.Run(string(channel)+" "+name, func(t *testing.T) {
				srv, c := simulated(t, quirks)
				before := srv.Clock.Now()
				v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: channel})
				require.NoError(t, err)
				assert.Equal(t, channel, v.Channel)
				assert.WithinDuration(t, before.Add(5*time.Minute), v.ExpiresAt, 3*time.Second)

				code, received := srv.Code(phone)
				require.True(t, received)
				require.Len(t, code, 6)

				err = c.Verify(t.Context(), v, otherThan(code))
				require.ErrorIs(t, err, otp.ErrWrongCode)
				assert.Equal(t, otp.OutcomeAccepted, otp.OutcomeOf(err), "the vendor has judged")
				require.NoError(t, c.Verify(t.Context(), v, code))
				require.ErrorIs(t, c.Verify(t.Context(), v, code), otp.ErrNotFound)
			})
		}
	}
}

func TestCodesEndAsTheVendorSays(t *testing.T) {
	for _, channel := range channels {
		t.Run(string(channel), func(t *testing.T) {
			srv, c := simulated(t, insidertest.Quirks{})
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: channel, TTL: time.Minute, MaxAttempts: 2})
			require.NoError(t, err)
			code, _ := srv.Code(phone)
			require.ErrorIs(t, c.Verify(t.Context(), v, otherThan(code)), otp.ErrWrongCode)
			require.ErrorIs(t, c.Verify(t.Context(), v, otherThan(code)), otp.ErrWrongCode)
			require.ErrorIs(t, c.Verify(t.Context(), v, code), otp.ErrTooManyAttempts)

			v, err = c.Send(t.Context(), otp.SendRequest{To: phone, Channel: channel, TTL: time.Minute})
			require.NoError(t, err)
			code, _ = srv.Code(phone)
			srv.Clock.Advance(61 * time.Second)
			require.ErrorIs(t, c.Verify(t.Context(), v, code), otp.ErrNotFound)
		})
	}
}

func TestLeadingZerosSurvive(t *testing.T) {
	srv, c := simulated(t, insidertest.Quirks{})
	for _, code := range []string{"0067", "00001000", "0000"} {
		v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.WhatsApp, Code: code})
		require.NoError(t, err)
		received, _ := srv.Code(phone)
		require.Equal(t, code, received)
		require.NoError(t, c.Verify(t.Context(), v, code))
	}
}

// No page says whether check takes a string. A vendor that does not cannot check a code that starts
// with 0: that is the request's fault, and never the person's.
func TestRefusedStringCodeIsNoWrongCode(t *testing.T) {
	c := client(t, answering(400, `{"errors":[{"message":"invalid request payload"}]}`))
	err := c.Verify(t.Context(), verification(), "0067")
	require.ErrorIs(t, err, otp.ErrInvalidRequest)
	require.NotErrorIs(t, err, otp.ErrCodeRejected)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err), "no attempt is spent")

	_, c = simulated(t, insidertest.Quirks{RefuseStringCode: true})
	v, err := c.Send(t.Context(), otp.SendRequest{To: phone, Code: "4711"})
	require.NoError(t, err)
	require.NoError(t, c.Verify(t.Context(), v, "4711"))
}

// An SMS code that is wrong is a 401, as a bad key is. The words alone tell them apart.
func TestABadKeyIsNoWrongCode(t *testing.T) {
	srv := insidertest.NewServer()
	t.Cleanup(srv.Close)
	c, err := insider.New(insider.Config{APIKey: key, BaseURL: srv.URL})
	require.NoError(t, err)
	err = c.Verify(t.Context(), verification(), "1234")
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
}

func TestTheAccountIsSetUp(t *testing.T) {
	_, c := simulated(t, insidertest.Quirks{ChannelFirst: true, TemplateFirst: true})
	ctx := t.Context()
	_, err := c.Send(ctx, otp.SendRequest{To: phone})
	require.Error(t, err, "no channel yet")

	_, err = c.CreateChannel(ctx, insider.CreateChannelRequest{Channel: otp.SMS, BrandName: "Acme"})
	require.NoError(t, err)
	_, err = c.CreateChannel(ctx, insider.CreateChannelRequest{Channel: otp.SMS, BrandName: "Acme"})
	require.ErrorIs(t, err, otp.ErrInvalidRequest)
	_, err = c.UpdateChannel(ctx, insider.UpdateChannelRequest{BrandName: "Acme Corp"})
	require.NoError(t, err)
	_, err = c.CreateChannel(ctx, insider.CreateChannelRequest{Channel: otp.WhatsApp})
	require.NoError(t, err)
	_, err = c.CreateTemplate(ctx, insider.CreateTemplateRequest{Locale: "pt_BR", TemplateName: "otp_pt"})
	require.NoError(t, err)
	update := insider.UpdateTemplateRequest{Channel: otp.SMS, Locale: "en", Text: "{code} is your {brandName} code"}
	_, err = c.UpdateTemplate(ctx, update)
	require.NoError(t, err)
	_, err = c.UpdateTemplate(ctx, update)
	require.ErrorIs(t, err, otp.ErrInvalidRequest, "nothing changes")

	list, err := c.ListTemplates(ctx, insider.ListTemplatesRequest{})
	require.NoError(t, err)
	assert.Len(t, list.Templates[otp.SMS], 10)
	assert.Equal(t, []insider.Template{{Locale: "pt_BR", TemplateName: "otp_pt"}}, list.Templates[otp.WhatsApp])

	for _, req := range []otp.SendRequest{{To: phone}, {To: phone, Channel: otp.WhatsApp, Locale: "pt-BR"}} {
		_, err = c.Send(ctx, req)
		require.NoError(t, err)
	}
}

func TestExtrasOfTheVendor(t *testing.T) {
	srv, c := simulated(t, insidertest.Quirks{})
	var bodies []string
	srv.Watch(func(x otpsim.Exchange) { bodies = append(bodies, string(x.Body)) })
	_, err := c.Send(t.Context(), otp.SendRequest{To: phone, Options: []otp.SendOption{insider.Callback("https://shop.example/events")}})
	require.NoError(t, err)
	_, err = c.Send(t.Context(), otp.SendRequest{To: phone, Channel: otp.WhatsApp, Options: []otp.SendOption{insider.Unique()}})
	require.NoError(t, err)
	require.Len(t, bodies, 2)
	assert.Contains(t, bodies[0], `"callback":"https://shop.example/events"`)
	assert.Contains(t, bodies[1], `"is-unique":true`)
}

func TestAFaultNeverTextsTwice(t *testing.T) {
	for name, test := range map[string]struct {
		fault   otpsim.Fault
		outcome otp.Outcome
		texts   int
	}{
		"500 after accepting":      {otpsim.AfterAccepting(500), otp.OutcomeUnknown, 1},
		"cut after accepting":      {otpsim.Cut().Accepted(), otp.OutcomeUnknown, 1},
		"reset after accepting":    {otpsim.Reset().Accepted(), otp.OutcomeUnknown, 1},
		"cut before":               {otpsim.Cut(), otp.OutcomeUnknown, 0},
		"truncated":                {otpsim.Truncated(), otp.OutcomeUnknown, 1},
		"empty":                    {otpsim.Empty(), otp.OutcomeUnknown, 1},
		"web page":                 {otpsim.HTML(502), otp.OutcomeUnknown, 0},
		"endless":                  {otpsim.Endless(), otp.OutcomeUnknown, 0},
		"hangs":                    {otpsim.Hang().Accepted(), otp.OutcomeUnknown, 1},
		"redirect":                 {otpsim.Redirect(307, "https://elsewhere.example/"), otp.OutcomeNotSent, 0},
		"throttled once":           {otpsim.TooMany(0), otp.OutcomeAccepted, 1},
		"throttled for an hour":    {otpsim.TooMany(time.Hour), otp.OutcomeNotSent, 0},
		"throttled time and again": {otpsim.TooMany(0).Always(), otp.OutcomeNotSent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c := simulated(t, insidertest.Quirks{}, otp.WithTimeout(500*time.Millisecond))
			srv.Fail(test.fault)
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			assert.Equal(t, test.outcome.String(), otp.OutcomeOf(err).String())
			assert.Len(t, srv.Inbox.All(), test.texts)
			srv.Heal()
			if code, received := srv.Code(phone); received {
				require.NoError(t, c.Verify(t.Context(), v, code), "whoever holds a code can use it")
			}
		})
	}
}

func TestAFaultNeverVerifies(t *testing.T) {
	for name, fault := range map[string]otpsim.Fault{
		"500 after accepting": otpsim.AfterAccepting(500), "cut after accepting": otpsim.Cut().Accepted(),
		"truncated": otpsim.Truncated(), "empty": otpsim.Empty(), "web page": otpsim.HTML(202),
		"hangs": otpsim.Hang(), "throttled": otpsim.TooMany(time.Hour),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c := simulated(t, insidertest.Quirks{}, otp.WithTimeout(500*time.Millisecond))
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			require.NoError(t, err)
			code, _ := srv.Code(phone)
			srv.Fail(fault)
			err = c.Verify(context.Background(), v, code)
			require.Error(t, err)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, "the code was right: nobody may be told otherwise")
		})
	}
}
