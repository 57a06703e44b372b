package otptest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// statuses are what vendors and the proxies before them answer without a body that says more.
func statuses() []int { return []int{401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504} }

const webPage = "<!DOCTYPE html><html><body><h1>Bad Gateway</h1></body></html>"

func checkSendStatuses(s *session) {
	for _, status := range statuses() {
		for _, body := range []string{"{}", "", webPage} {
			s.onNewAccount(func(s *session) {
				s.Fail(Fault{Status: status, Body: body, RetryAfter: time.Hour})
				v, failure := s.trySend(s.Context())
				require.Equal(s, 1, s.Requests(), "%d: it was repeated", status)
				require.Zero(s, s.Texts())
				require.Equal(s, status, failure.HTTPStatus)
				requireSendVerdict(s, status, v, failure)
			})
		}
	}
}

func requireSendVerdict(s *session, status int, v otp.Verification, failure *otp.Error) {
	switch status {
	case 401, 403:
		assert.Equal(s, otp.ErrUnauthorized, failure.Kind, status)
		assert.Equal(s, otp.OutcomeNotSent, failure.Outcome, status)
	case 404, 422:
		assert.Equal(s, otp.OutcomeNotSent, failure.Outcome, status)
	case 429:
		assert.Equal(s, otp.ErrRateLimited, failure.Kind, status)
		assert.Equal(s, otp.OutcomeNotSent, failure.Outcome, status)
	case 409:
		assert.NotEqual(s, otp.OutcomeAccepted, failure.Outcome, status)
	default:
		assert.Equal(s, otp.ErrUnavailable, failure.Kind, status)
		assert.Equal(s, otp.OutcomeUnknown, failure.Outcome, status)
	}
	assert.Equal(s, failure.Outcome == otp.OutcomeNotSent, v == otp.Verification{},
		"%d: a verification goes with an unknown outcome, and with no other", status)
}

func checkVerifyStatuses(s *session) {
	for _, status := range statuses() {
		for _, body := range []string{"{}", "", webPage} {
			s.onNewAccount(func(s *session) {
				v, code := s.send()
				s.Fail(Fault{Status: status, Body: body, RetryAfter: time.Hour})
				requests := s.Requests()
				err := s.verify(v, code)
				failure := s.failure(err, "verify", v.To, code)
				require.Equal(s, requests+1, s.Requests(), "%d: it was repeated", status)
				require.NotErrorIs(s, err, otp.ErrCodeRejected, "%d: nobody has judged the code", status)
				requireVerifyVerdict(s, status, failure)
			})
		}
	}
}

func requireVerifyVerdict(s *session, status int, failure *otp.Error) {
	switch status {
	case 401, 403, 429:
		assert.Equal(s, otp.OutcomeNotSent, failure.Outcome, status)
	default:
		assert.Equal(s, otp.OutcomeUnknown, failure.Outcome, status)
	}
	if status >= 500 || status == 408 {
		assert.Equal(s, otp.ErrUnavailable, failure.Kind, status)
	}
}

func checkUnknownSends(s *session) {
	for name, fault := range map[string]Fault{
		"500 after accepting":  {Status: 500, Accepted: true},
		"502 after accepting":  {Status: 502, Body: webPage, Accepted: true},
		"a web page as a 200":  {Status: 200, Body: webPage, Accepted: true},
		"a web page as a 202":  {Status: 202, Body: webPage, Accepted: true},
		"an empty object":      {Status: 200, Body: "{}", Accepted: true},
		"null":                 {Status: 200, Body: "null", Accepted: true},
		"the connection lost":  {Cut: true},
		"half of the answer":   {Truncated: true},
		"nothing as an answer": {Empty: true},
	} {
		s.Fail(fault)
		texts, requests := s.Texts(), s.Requests()
		to := number()
		v, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.To = to })
		require.Equal(s, requests+1, s.Requests(), "%s: it was repeated", name)
		require.Equal(s, texts+1, s.Texts(), name)
		require.Equal(s, otp.OutcomeUnknown.String(), failure.Outcome.String(), name)
		require.Equal(s, s.Provider.Name(), v.Provider, "%s: the person may hold a code", name)
		require.Equal(s, to, v.To, name)
		require.NotEmpty(s, v.ID, name)
	}
}

func checkBrokenVerifies(s *session) {
	for name, fault := range map[string]Fault{
		"500 after judging":        {Status: 500, Accepted: true},
		"a web page as a 200":      {Status: 200, Body: webPage},
		"a web page as a 202":      {Status: 202, Body: webPage},
		"an empty object as a 200": {Status: 200, Body: "{}"},
		"an empty object as a 202": {Status: 202, Body: "{}"},
		"null":                     {Status: 200, Body: "null"},
		"true":                     {Status: 200, Body: "true"},
		"nothing as a 204":         {Status: 204},
		"the word alone":           {Status: 200, Body: `"success"`},
		"the connection lost":      {Cut: true},
		"half of the answer":       {Truncated: true},
		"nothing as an answer":     {Empty: true},
	} {
		s.Fail(Fault{})
		v, code := s.send()
		s.Fail(fault)
		requests := s.Requests()
		err := s.verify(v, code)
		failure := s.failure(err, "verify", v.To, code)
		require.NotErrorIs(s, err, otp.ErrCodeRejected, "%s: the code was right", name)
		require.Equal(s, otp.OutcomeUnknown.String(), failure.Outcome.String(), name)
		require.Equal(s, requests+1, s.Requests(), "%s: it was repeated", name)
	}
}

func checkRetryAfter(s *session) {
	s.Fail(Fault{Status: 429, RetryAfter: 2 * time.Hour})
	_, failure := s.trySend(s.Context())
	require.Equal(s, otp.ErrRateLimited, failure.Kind)
	require.Equal(s, 2*time.Hour, failure.RetryAfter)
}
