package smsfactortest

import (
	"mime"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// operations are the two calls of the OTP API.
func (s *Server) operations() []otpsim.Operation {
	return []otpsim.Operation{
		{Name: "generate", Method: http.MethodPost, Path: "/service/otp/generate", Do: s.guard(s.limits.Generate, s.generate)},
		{Name: "validate", Method: http.MethodPut, Path: "/service/otp/validate", Do: s.guard(s.limits.Validate, s.validate)},
	}
}

// operation does one call. It gets the request for what is not in the body.
type operation func(*http.Request, *form) otpsim.Answer

// guard does what comes before an operation looks at its fields: the credentials, the rate, the shape of the
// body. The order is invented; it is the usual one, and lets a caller without a key learn nothing.
func (s *Server) guard(limit Rate, do operation) func(*http.Request, []byte) otpsim.Answer {
	window := otpsim.NewWindow(s.Clock, limit)
	return func(r *http.Request, body []byte) otpsim.Answer {
		if !s.knows(r) {
			return refuseCredentials(s.quirks.CredentialStatus, s.quirks.CredentialShape, s.quirks.StringCode)
		}
		if wait, ok := window.Take(); !ok {
			return s.refuseRate(wait)
		}
		if s.quirks.RequireJSON && !isJSON(r.Header.Get("Content-Type")) {
			return refuseStatus(http.StatusUnsupportedMediaType)
		}
		object, err := otpsim.ParseObject(body)
		if err != nil && s.quirks.Strict {
			return s.refuse(noPostData)
		}
		if err != nil { // nothing in it is recognised, so nothing was sent
			object = new(otpsim.Object)
		}
		return do(r, &form{Object: object, quirks: s.quirks})
	}
}

// knows checks login and key, always both, so that the time it takes does not tell which is wrong.
func (s *Server) knows(r *http.Request) bool {
	login, key := r.Header.Get("api-login"), r.Header.Get("api-key")
	if basicLogin, basicKey, ok := r.BasicAuth(); ok && s.quirks.BasicAuth {
		login, key = basicLogin, basicKey
	}
	rightLogin, rightKey := otpsim.SameKey(login, s.login), otpsim.SameKey(key, s.key)
	return rightLogin && rightKey
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}
