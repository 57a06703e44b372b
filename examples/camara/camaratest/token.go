package camaratest

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const scope = "one-time-password-sms:send-validate"

// grant is the token endpoint: RFC 6749, 2.3.1, 4.4 and 5.2.
func (s *Server) grant(r *http.Request, body []byte) otpsim.Answer {
	form, err := url.ParseQuery(string(body))
	id, secret := form.Get("client_id"), form.Get("client_secret")
	if user, password, ok := r.BasicAuth(); ok { // both are escaped
		id, _ = url.QueryUnescape(user)
		secret, _ = url.QueryUnescape(password)
	}
	scopes := strings.Fields(form.Get("scope"))
	// A purpose begins with "dpv:".
	unknown := func(asked string) bool { return asked != scope && !strings.HasPrefix(asked, "dpv:") }
	switch {
	case err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		return denied(http.StatusBadRequest, "invalid_request")
	case !otpsim.SameKey(id, s.ClientID) || !otpsim.SameKey(secret, s.ClientSecret):
		return denied(http.StatusUnauthorized, "invalid_client")
	case form.Get("grant_type") != "client_credentials":
		return denied(http.StatusBadRequest, "unsupported_grant_type")
	case !slices.Contains(scopes, scope) || slices.ContainsFunc(scopes, unknown):
		return denied(http.StatusBadRequest, "invalid_scope")
	}
	value := rand.Text()
	s.tokens["Bearer "+value] = s.Clock.Now().Add(s.TokenTTL)
	answer := map[string]any{"access_token": value, "token_type": "Bearer"}
	if !s.quirks.NoExpiresIn {
		answer["expires_in"] = int(s.TokenTTL.Seconds())
	}
	return otpsim.JSON(http.StatusOK, answer)
}

func denied(status int, code string) otpsim.Answer {
	return otpsim.JSON(status, map[string]string{"error": code})
}
