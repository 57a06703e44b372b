package insidertest

import (
	"mime"
	"net/http"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// operations are the seven calls of the Verify API.
func (s *Server) operations() []otpsim.Operation {
	post := func(name string, count meter, do func(*form) otpsim.Answer) otpsim.Operation {
		return otpsim.Operation{Name: name, Method: http.MethodPost, Path: "/v1/" + name, Do: s.guard(count, do)}
	}
	check := post("check", s.meter(s.limits.Check), s.check)
	checkSlash := check // one page's sample has the slash, the other's has not
	checkSlash.Path += "/"
	list := post("template/list", s.meter(s.limits.Template), s.listTemplates)
	list.Method = http.MethodGet
	return []otpsim.Operation{
		post("generate", s.generateMeter(), s.generate),
		check, checkSlash,
		post("channel/create", s.meter(s.limits.Channel), s.createChannel),
		post("channel/update", s.meter(s.limits.Channel), s.updateChannel),
		post("template/create", s.meter(s.limits.Template), s.createTemplate),
		post("template/update", s.meter(s.limits.Template), s.updateTemplate),
		list,
	}
}

// guard does what comes before an operation looks at its fields: the key, the rate, the shape of the body.
// The order is invented; it is the usual one, and lets a caller without a key learn nothing.
func (s *Server) guard(count meter, do func(*form) otpsim.Answer) func(*http.Request, []byte) otpsim.Answer {
	return func(r *http.Request, body []byte) otpsim.Answer {
		if !otpsim.SameKey(r.Header.Get("X-INS-AUTH-KEY"), s.key) {
			return refuse(http.StatusUnauthorized, problem{Message: unauthorized})
		}
		object, err := readBody(r.Method, body)
		if wait, ok := count(object); !ok {
			answer := refuse(http.StatusTooManyRequests, problem{Message: rateExceeded})
			if s.quirks.RetryAfter {
				answer.Header = http.Header{"Retry-After": {otpsim.RetryAfter(wait)}}
			}
			return answer
		}
		if s.quirks.RequireJSON && r.Method == http.MethodPost && !isJSON(r.Header.Get("Content-Type")) {
			return refuseStatus(http.StatusUnsupportedMediaType)
		}
		if err != nil {
			return refusePayload()
		}
		return do(&form{Object: object, quirks: s.quirks})
	}
}

// readBody reads the JSON object of a POST. The one GET has no body, and what is sent is not looked at.
func readBody(method string, body []byte) (*otpsim.Object, error) {
	if method == http.MethodGet {
		body = []byte("{}")
	}
	return otpsim.ParseObject(body)
}

func isJSON(contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	return err == nil && mediaType == "application/json"
}
