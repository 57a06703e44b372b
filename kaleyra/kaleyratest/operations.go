package kaleyratest

import (
	"mime"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// operations are the two calls of the Verify API. The older page (validate-otp) has validate on the path of
// generate; the current one (validating-otp) and the public integrations have it on a path of its own.
func (s *Server) operations() []otpsim.Operation {
	post := func(name, path string, limit Rate, do func(*otpsim.Object) otpsim.Answer) otpsim.Operation {
		return otpsim.Operation{Name: name, Method: http.MethodPost, Path: path, Do: s.guard(limit, do)}
	}
	return []otpsim.Operation{
		post("generate", "/v1/{sid}/verify", s.limits.Generate, s.generate),
		post("validate", "/v1/{sid}/verify/validate", s.limits.Validate, s.validate),
	}
}

// guard does what comes before an operation looks at its fields: SID and key, the rate, the shape of the body.
// The order is invented; it is the usual one, and lets a caller without a key learn nothing.
func (s *Server) guard(limit Rate, do func(*otpsim.Object) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	window := otpsim.NewWindow(s.Clock, limit)
	return func(r *http.Request, body []byte) otpsim.Answer {
		if !s.authorized(r) {
			return s.refuseCredentials()
		}
		if wait, ok := window.Take(); !ok {
			return s.refuseRate(wait)
		}
		if s.quirks.RequireJSON && !isJSON(r.Header.Get("Content-Type")) {
			return refuseStatus(http.StatusUnsupportedMediaType)
		}
		object, err := otpsim.ParseObject(body)
		if err != nil {
			return refuseBody()
		}
		return do(object)
	}
}

// authorized wants the pair of SID and key to match (generating-an-api-key). It compares both, whatever the
// first comparison says, so that the time it takes tells nothing.
func (s *Server) authorized(r *http.Request) bool {
	rightSID := otpsim.SameKey(r.PathValue("sid"), s.sid)
	rightKey := otpsim.SameKey(r.Header.Get("api-key"), s.key)
	return rightSID && rightKey
}

func (s *Server) refuseRate(wait time.Duration) otpsim.Answer {
	answer := refuseStatus(http.StatusTooManyRequests)
	if s.quirks.RetryAfter {
		answer.Header = http.Header{"Retry-After": {otpsim.RetryAfter(wait)}}
	}
	return answer
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}
