package camaratest

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var (
	number     = regexp.MustCompile(`\A\+[1-9][0-9]{4,14}\z`)
	correlator = regexp.MustCompile(`\A[a-zA-Z0-9\-_:;./<>{}]{0,256}\z`)
)

// checked does what both operations begin with, and gives every answer the correlator of its
// request. Both members are required texts; API 2 refuses any other.
func (s *Server) checked(do func(first, second string) otpsim.Answer, first, second string) func(*http.Request, []byte) otpsim.Answer {
	return func(r *http.Request, body []byte) otpsim.Answer {
		expires := s.tokens[r.Header.Get("Authorization")]
		fields, err := otpsim.ParseObject(body)
		var a otpsim.Answer
		switch {
		case !correlator.MatchString(r.Header.Get("X-Correlator")):
			a = refuse(http.StatusBadRequest)
		case !s.Clock.Now().Before(expires):
			a = refuse(http.StatusUnauthorized)
		case len(body) > 0 && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json"):
			a = refuse(http.StatusUnsupportedMediaType)
		case err != nil || fields.String(first) == "" || fields.String(second) == "",
			s.quirks.Version2 && len(fields.Unknown(first, second)) > 0:
			a = refuse(http.StatusBadRequest)
		default:
			a = do(fields.String(first), fields.String(second))
		}
		if !s.quirks.NoCorrelator {
			a.Header = http.Header{"X-Correlator": r.Header.Values("X-Correlator")}
		}
		return a
	}
}

func (s *Server) send(to, message string) otpsim.Answer {
	now, sent := s.Clock.Now(), s.Inbox.Of(to)
	recent := slices.DeleteFunc(slices.Clone(sent), func(m otpsim.Message) bool { return now.Sub(m.SentAt) >= s.SendWindow })
	switch {
	case !number.MatchString(to), !strings.Contains(message, "{{code}}"), utf8.RuneCountInString(message) > 160:
		return refuse(http.StatusBadRequest)
	case slices.Contains(s.Foreign, to) && s.quirks.Version2:
		return reject("IDENTIFIER_NOT_FOUND")
	case slices.Contains(s.Foreign, to):
		return refuse(http.StatusNotFound) // as for an unknown id
	case slices.Contains(s.Blocked, to):
		return reject("PHONE_NUMBER_BLOCKED")
	case slices.Contains(s.NotAllowed, to):
		return reject("PHONE_NUMBER_NOT_ALLOWED")
	case len(recent) >= s.MaxSend-1:
		return reject("MAX_OTP_CODES_EXCEEDED")
	}
	for _, m := range sent {
		s.Inbox.Replace(m.ID)
	}
	id, code := otpsim.UUID(), otpsim.Random(s.Alphabet, s.CodeLength)
	s.Inbox.Deliver(otpsim.Message{
		ID: id, To: to, Channel: "sms", Code: code, Text: strings.ReplaceAll(message, "{{code}}", code),
		SentAt: now, ExpiresAt: now.Add(s.TTL), MaxAttempts: s.MaxTry,
	})
	return otpsim.JSON(http.StatusOK, map[string]string{"authenticationId": id})
}

func (s *Server) verify(id, code string) otpsim.Answer {
	m, known := s.Inbox.Get(id)
	state := m.StateAt(s.Clock.Now())
	switch {
	case len(id) > 36 || len(code) > 10:
		return refuse(http.StatusBadRequest)
	case !known && s.quirks.UnknownIsExpired:
		return reject("VERIFICATION_EXPIRED")
	case !known, state == otpsim.Verified && s.quirks.UsedIsUnknown:
		return refuse(http.StatusNotFound)
	case state != otpsim.Pending && state != otpsim.Locked, m.Over(s.Clock.Now()):
		return reject("VERIFICATION_EXPIRED")
	case state == otpsim.Locked:
		return reject("VERIFICATION_FAILED")
	}
	s.Inbox.Attempt(id, code == m.Code)
	switch m, _ = s.Inbox.Get(id); m.State {
	case otpsim.Verified:
		return otpsim.Answer{Status: http.StatusNoContent}
	case otpsim.Locked:
		return reject("VERIFICATION_FAILED")
	default:
		return reject("INVALID_OTP")
	}
}

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
