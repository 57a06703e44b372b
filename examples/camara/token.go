package camara

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/otp-sdk/otp-go/otp"
)

type tokens struct {
	config clientcredentials.Config
	client http.Client
	lock   chan struct{} // a mutex; a context can end the wait for it

	last  string
	until time.Time
}

// newTokens asks as the caller's client does, but follows no redirect with the secret.
func newTokens(cfg Config, caller *http.Client) *tokens {
	t := &tokens{lock: make(chan struct{}, 1), client: *cmp.Or(caller, new(http.Client)), config: clientcredentials.Config{
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TokenURL: cfg.TokenURL,
		Scopes:    strings.Fields(cmp.Or(cfg.Scope, DefaultScope)),
		AuthStyle: map[bool]oauth2.AuthStyle{false: oauth2.AuthStyleInParams, true: oauth2.AuthStyleInHeader}[cfg.BasicAuth],
	}}
	t.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return t
}

// get returns a token. There is one request at a time, and who waits for it does so for as long as
// ctx lasts. A token that the vendor has refused is dropped.
func (t *tokens) get(ctx context.Context, refused string) (string, error) {
	select {
	case t.lock <- struct{}{}:
		defer func() { <-t.lock }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if time.Now().Before(t.until) && t.last != refused {
		return t.last, nil
	}
	t.until = time.Time{}
	client := t.client
	if own, ok := client.Transport.(*http.Transport); ok { // no connection outlives this call
		own = own.Clone()
		defer own.CloseIdleConnections()
		client.Transport = own
	}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, &client))
	if err != nil || token.Type() != "Bearer" {
		return "", tokenFailure(ctx, err)
	}
	// Its lifetime may be absent.
	t.last, t.until = token.AccessToken, cmp.Or(token.Expiry, time.Now().Add(5*time.Minute))
	t.until = t.until.Add(-min(time.Until(t.until)/10, time.Minute))
	return t.last, nil
}

// tokenFailure is why there is no token, without a word of the answer ("Security"; RFC 6749, 5.2).
// The kit adds that nothing was sent, and masks the rest.
func tokenFailure(ctx context.Context, err error) error {
	kind, refused := otp.ErrMisconfigured, (*oauth2.RetrieveError)(nil)
	switch {
	case ctx.Err() != nil, errors.As(err, new(*url.Error)): // no connection, or no answer in time
		return err
	case !errors.As(err, &refused), refused.Response.StatusCode/100 == 2:
		return &otp.Error{Kind: otp.ErrProtocol, Err: errors.New("the token endpoint answered without a bearer token")}
	case refused.Response.StatusCode >= http.StatusInternalServerError:
		kind = otp.ErrUnavailable
	case refused.Response.StatusCode == http.StatusTooManyRequests:
		kind = otp.ErrRateLimited
	case slices.Contains([]int{401, 403}, refused.Response.StatusCode),
		slices.Contains([]string{"invalid_client", "unauthorized_client"}, refused.ErrorCode):
		kind = otp.ErrUnauthorized
	}
	return &otp.Error{Kind: kind, Err: fmt.Errorf("the token endpoint answered %d", refused.Response.StatusCode)}
}
