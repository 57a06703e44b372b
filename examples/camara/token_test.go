package camara_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// granted is an answer of the token endpoint.
func granted(token, expiresIn string) reply {
	return reply{status: 200, body: `{"access_token":"` + token + `","token_type":"bearer"` + expiresIn + `}`}
}

func TestTokenIsKeptUntilShortlyBeforeItExpires(t *testing.T) {
	for expiresIn, kept := range map[string]time.Duration{
		`,"expires_in":3600`: 59 * time.Minute, // a minute early
		`,"expires_in":60`:   54 * time.Second, // a tenth early
		``:                   4*time.Minute + 30*time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			o := answering(tokenPath, granted("one", expiresIn), granted("two", expiresIn))
			c := newClient(t, config(), o)
			send := func() {
				_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
				require.NoError(t, err)
			}
			send()
			time.Sleep(kept - time.Millisecond)
			send()
			assert.Equal(t, 1, o.count(tokenPath), expiresIn)
			time.Sleep(2 * time.Millisecond)
			send()
			assert.Equal(t, 2, o.count(tokenPath), expiresIn)
			assert.Equal(t, "Bearer two", o.of(sendPath)[2].header.Get("Authorization"))
		})
	}
}

// The operator's documented 401 drops the token, once; what it refuses then stays refused.
func TestRefusedTokenIsMadeAnewOnce(t *testing.T) {
	refused := reply{status: 401, body: envelope(401, "UNAUTHENTICATED", "")}
	for _, path := range []string{sendPath, validatePath} {
		call := func(o *operator) error {
			c := newClient(t, config(), o)
			if path == validatePath {
				return c.Verify(t.Context(), verification(), "123456")
			}
			_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			return err
		}
		success := answering("").replies[path][0]
		o := answering(path, refused, success)
		o.replies[tokenPath] = []reply{granted("old", ""), granted("new", "")}
		require.NoError(t, call(o))
		sent := o.of(path)
		require.Len(t, sent, 2)
		assert.Equal(t, "Bearer old", sent[0].header.Get("Authorization"))
		assert.Equal(t, "Bearer new", sent[1].header.Get("Authorization"))

		o = answering(path, refused)
		require.ErrorIs(t, call(o), otp.ErrUnauthorized)
		assert.Equal(t, 2, o.count(path))

		o = answering(path, reply{status: 401, body: `{"fault":"a gateway's"}`})
		require.ErrorIs(t, call(o), otp.ErrUnauthorized)
		assert.Equal(t, 1, o.count(path), "a gateway's 401 is not documented")
		assert.Equal(t, 1, o.count(tokenPath))
	}
}

// slow is an operator whose token endpoint answers when it is let.
type slow struct {
	*operator

	let chan struct{}
}

func (s slow) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Path == tokenPath {
		select {
		case <-s.let:
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	return s.operator.RoundTrip(req)
}

func TestOneTokenForManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{answering(""), make(chan struct{})}
		c := newClient(t, config(), s)
		var wait sync.WaitGroup
		for range 50 {
			wait.Go(func() {
				_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
				assert.NoError(t, err)
			})
		}
		synctest.Wait()
		close(s.let)
		wait.Wait()
		assert.Equal(t, 1, s.count(tokenPath))
		assert.Equal(t, 50, s.count(sendPath))
	})
}

// revoked is an operator that refuses a token.
type revoked struct {
	http.RoundTripper

	token string
}

func (r revoked) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.RoundTripper.RoundTrip(req)
	if err == nil && req.Header.Get("Authorization") == "Bearer "+r.token {
		resp.StatusCode, resp.Body = 401, io.NopCloser(strings.NewReader(envelope(401, "UNAUTHENTICATED", "")))
	}
	return resp, err
}

func TestManyRefusedAtOnceShareTheNewToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{answering(tokenPath, granted("old", ""), granted("new", "")), make(chan struct{})}
		c := newClient(t, config(), revoked{s, "old"})
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
				assert.NoError(t, err)
			})
		}
		synctest.Wait()
		s.let <- struct{}{} // the old token, for all of them
		synctest.Wait()     // all are refused, and one asks again
		s.let <- struct{}{}
		wait.Wait()
		assert.Equal(t, 2, s.count(tokenPath))
	})
}

// Who waits for a token waits no longer than its own context, and the wait for the others goes on.
func TestWaitForATokenEndsWithTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := slow{answering(""), make(chan struct{})}
		c := newClient(t, config(), s)
		first := make(chan error, 1)
		go func() {
			_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			first <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Send(ctx, otp.SendRequest{To: phone})
		assertFailure(t, "waiting", err, otp.ErrUnavailable, otp.OutcomeNotSent)
		assert.Equal(t, time.Second, time.Since(start))
		close(s.let)
		require.NoError(t, <-first)
		assert.Equal(t, 1, s.count(sendPath))
	})
}

func TestAttemptBoundsTheTokenRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, config(), slow{answering(""), nil}, otp.WithTimeout(2*time.Second))
		start := time.Now()
		_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		assertFailure(t, "no answer", err, otp.ErrUnavailable, otp.OutcomeNotSent)
		assert.Equal(t, 2*time.Second, time.Since(start))
	})
}

// Nothing was asked of the OTP service yet, whatever became of the request for a token.
func TestErrorsOfTheTokenEndpoint(t *testing.T) {
	says := func(code string) string {
		return `{"error":"` + code + `","error_description":"` + secret + ` canary-text"}`
	}
	for name, test := range map[string]struct {
		reply reply
		want  otp.Kind
	}{
		"invalid_client":         {reply{status: 401, body: says("invalid_client")}, otp.ErrUnauthorized},
		"invalid_client as 400":  {reply{status: 400, body: says("invalid_client")}, otp.ErrUnauthorized},
		"unauthorized_client":    {reply{status: 400, body: says("unauthorized_client")}, otp.ErrUnauthorized},
		"401 of a gateway":       {reply{status: 401, body: "<html>canary-text"}, otp.ErrUnauthorized},
		"403":                    {reply{status: 403}, otp.ErrUnauthorized},
		"invalid_scope":          {reply{status: 400, body: says("invalid_scope")}, otp.ErrMisconfigured},
		"unsupported_grant_type": {reply{status: 400, body: says("unsupported_grant_type")}, otp.ErrMisconfigured},
		"invalid_request":        {reply{status: 400, body: says("invalid_request")}, otp.ErrMisconfigured},
		"invalid_dpop_proof":     {reply{status: 400, body: says("invalid_dpop_proof")}, otp.ErrMisconfigured},
		"404":                    {reply{status: 404, body: "canary-text"}, otp.ErrMisconfigured},
		"a redirect":             {reply{status: 307, header: http.Header{"Location": {"https://elsewhere.example/canary-text"}}}, otp.ErrMisconfigured},
		"429":                    {reply{status: 429}, otp.ErrRateLimited},
		"500":                    {reply{status: 500, body: says("server_error")}, otp.ErrUnavailable},
		"503 with invalid_client": {
			reply{status: 503, body: says("invalid_client")}, otp.ErrUnavailable,
		},
		"no connection":     {reply{err: errors.New("connect: canary-text? " + secret)}, otp.ErrUnavailable},
		"200 with an error": {reply{status: 200, body: says("temporarily_unavailable")}, otp.ErrProtocol},
		"no token":          {reply{status: 200, body: `{"token_type":"Bearer"}`}, otp.ErrProtocol},
		"a web page":        {reply{status: 200, body: "<html>canary-text"}, otp.ErrProtocol},
		"nothing":           {reply{status: 200}, otp.ErrProtocol},
		"another type":      {reply{status: 200, body: `{"access_token":"canary-text","token_type":"mac"}`}, otp.ErrProtocol},
		"a body cut short":  {reply{status: 200, body: grant[:len(grant)/2]}, otp.ErrProtocol},
		"a very long token": {reply{status: 200, body: `{"access_token":"` + strings.Repeat("x", 2<<20) + `","token_type":"Bearer"}`}, otp.ErrProtocol},
	} {
		o := answering(tokenPath, test.reply)
		c := newClient(t, config(), o)
		v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
		assertFailure(t, name, err, test.want, otp.OutcomeNotSent)
		assert.True(t, v.IsZero(), name)
		assertFailure(t, name, c.Verify(t.Context(), verification(), "123456"), test.want, otp.OutcomeNotSent)
		assert.Zero(t, o.count(sendPath)+o.count(validatePath), name)
		for form, text := range map[string]string{"text": err.Error(), "fields": fmt.Sprintf("%+v", *requireFailure(t, err))} {
			assert.NotContains(t, text, secret, "%s: %s", name, form)
			assert.NotContains(t, text, "elsewhere", "%s: %s", name, form)
			if test.reply.err == nil {
				assert.NotContains(t, text, "canary-text", "%s: %s", name, form)
			}
		}
	}
}

func TestClientAuthenticationByChoice(t *testing.T) {
	o := answering("")
	cfg := config()
	cfg.BasicAuth, cfg.ClientID, cfg.ClientSecret, cfg.Scope = true, "my shop", "a/secret", "one:thing dpv:Purpose"
	_, err := newClient(t, cfg, o).Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	asked := o.of(tokenPath)[0]
	assert.Equal(t, "grant_type=client_credentials&scope=one%3Athing+dpv%3APurpose", asked.body)
	want := base64.StdEncoding.EncodeToString([]byte("my+shop:a%2Fsecret")) // RFC 6749, 2.3.1
	assert.Equal(t, "Basic "+want, asked.header.Get("Authorization"))
	_, err = newClient(t, cfg, answering(tokenPath, reply{status: 401, body: `{"error":"invalid_client"}`})).Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnauthorized, "and the other way is not tried")
}
