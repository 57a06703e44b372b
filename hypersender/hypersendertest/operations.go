package hypersendertest

import (
	"mime"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// operations are the three calls of the OTP API.
func (s *Server) operations() []otpsim.Operation {
	post := func(name string, limit Rate, do func(*form) otpsim.Answer) otpsim.Operation {
		return otpsim.Operation{
			Name: name, Method: http.MethodPost, Path: "/{instance}/" + name,
			Do: s.guard(s.meter(limit), do),
		}
	}
	return []otpsim.Operation{
		post("request-code", s.limits.RequestCode, s.requestCode),
		post("validate-code", s.limits.ValidateCode, s.validateCode),
		post("generate-link", s.limits.GenerateLink, s.generateLink),
	}
}

// guard does what comes before an operation looks at its fields: the token, the instance, the rate, the shape
// of the body. The order is invented; it is the usual one, and lets a caller without a token learn nothing.
func (s *Server) guard(over meter, do func(*form) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(r *http.Request, body []byte) otpsim.Answer {
		if !otpsim.SameKey(r.Header.Get("Authorization"), "Bearer "+s.token) {
			return s.refuse(http.StatusUnauthorized)
		}
		if r.PathValue("instance") != s.instance {
			return s.foreignInstance()
		}
		if refusal, refused := over(); refused {
			return refusal
		}
		if s.quirks.RequireJSON && !isJSON(r.Header.Get("Content-Type")) {
			return s.refuse(http.StatusUnsupportedMediaType)
		}
		fields, err := otpsim.ParseObject(body)
		if err != nil && !s.quirks.UnreadableIsEmpty {
			return s.refuse(http.StatusBadRequest)
		}
		if err != nil {
			fields = new(otpsim.Object)
		}
		return do(s.newForm(r, fields))
	}
}

func (s *Server) foreignInstance() otpsim.Answer {
	if s.quirks.ForeignInstanceIs403 {
		return s.refuse(http.StatusForbidden)
	}
	return s.refuse(http.StatusNotFound)
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}
