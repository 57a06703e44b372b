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

// tokens makes access tokens, and keeps the last one for as long as it is good.
type tokens struct {
	config clientcredentials.Config
	client http.Client
	turn   chan struct{} // held by who reads or changes what follows

	last        string
	made, until time.Time
}

// newTokens asks as the caller's client does, if there is one, but follows no redirect with the secret.
func newTokens(cfg Config, caller *http.Client) *tokens {
	t := &tokens{turn: make(chan struct{}, 1), client: *cmp.Or(caller, new(http.Client)), config: clientcredentials.Config{
		ClientID: cfg.ClientID, ClientSecret: cfg.ClientSecret, TokenURL: cfg.TokenURL,
		Scopes: strings.Fields(cmp.Or(cfg.Scope, DefaultScope)), AuthStyle: oauth2.AuthStyleInParams,
	}}
	if cfg.BasicAuth {
		t.config.AuthStyle = oauth2.AuthStyleInHeader
	}
	t.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return t
}

// get returns a token. There is one request at a time, and who waits for it does so for as long as ctx lasts.
// With renew the last token is dropped, unless somebody has replaced it since this call was made.
func (t *tokens) get(ctx context.Context, renew bool) (string, error) {
	asked := time.Now()
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if time.Now().Before(t.until) && (!renew || t.made.After(asked)) {
		return t.last, nil
	}
	t.until = time.Time{}
	token, err := t.config.Token(context.WithValue(ctx, oauth2.HTTPClient, &t.client))
	if err != nil || token.Type() != "Bearer" {
		return "", tokenFailure(ctx, err)
	}
	t.last, t.made = token.AccessToken, time.Now()
	lifetime := cmp.Or(token.Expiry, t.made.Add(5*time.Minute)).Sub(t.made) // expires_in may be absent
	t.until = t.made.Add(lifetime - min(lifetime/10, time.Minute))
	return t.last, nil
}

// tokenFailure is why there is no token, without a word of the answer ("Security"; RFC 6749, 5.2). The kit
// adds that nothing was sent, and masks the rest.
func tokenFailure(ctx context.Context, err error) error {
	kind, refused := otp.ErrMisconfigured, (*oauth2.RetrieveError)(nil)
	switch {
	case ctx.Err() != nil, errors.As(err, new(*url.Error)): // no connection, or no answer in time
		return err
	case !errors.As(err, &refused):
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
