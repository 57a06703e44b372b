package camara

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// vendor is the package's name, idField the API's name for a verification. correlator is the header
// that ties an answer to its request ("Design Guide"); a gateway in front may drop it.
const vendor, idField, correlator = "camara", "authenticationId", "X-Correlator"

// Client is an account with an operator: an otp.Provider. The API has no operations but Send and
// Verify. Make one with [New]. It is safe for concurrent use and needs no Close.
//
// Verification.ID is the operator's authenticationId, by which alone it verifies.
type Client struct {
	*provider

	sends, tries otp.Limiter
}

// provider has the kit's Send and Verify. What it asks the operator for is the body of a request.
type provider = vendorkit.Provider[map[string]string]

// New returns a client for the account. It makes no request. A bad config or option is refused with
// an *otp.Error of kind otp.ErrMisconfigured that names the field.
//
// No operator publishes a limit: options set one.
func New(cfg Config, opts ...otp.Option) (*Client, error) {
	settings, _ := otp.Apply(opts...) // NewProvider returns its error
	c := new(Client)
	p, err := vendorkit.NewProvider(vendorkit.Spec[map[string]string]{
		Config: vendorkit.Config{Vendor: vendor, BaseURL: cfg.BaseURL, Account: cfg.ClientID, Credentials: []vendorkit.Credential{{
			Field: "client_secret", Header: "Authorization", Prefix: "Bearer ",
			Secrets: []string{cfg.ClientSecret}, Make: newTokens(cfg, settings.HTTPClient).get,
		}}},
		Invalid: cfg.check(settings.PlainHTTP), Capabilities: cfg.capabilities(),
		Request: cfg.request, Verify: c.verify, ByReferenceOnly: true,
		Send:      func(body map[string]string) vendorkit.Call { return c.send(body, cfg.Service.TTL) },
		CanBeCode: func(code string) bool { return len(code) <= longestCode },
	}, opts...)
	if err != nil {
		return nil, err
	}
	c.provider, c.sends, c.tries = p, p.Kit().Limiter(otp.Rate{}, otp.SendLimiter), p.Kit().Limiter(otp.Rate{}, otp.VerifyLimiter)
	return c, nil
}

func (c Config) request(req otp.SendRequest) (map[string]string, error) {
	return map[string]string{"phoneNumber": req.To, "message": c.message()}, nil
}

func (c *Client) send(body map[string]string, ttl time.Duration) vendorkit.Call {
	id := rand.Text()
	return vendorkit.Call{
		Path: "/send-code", Body: body, Header: http.Header{correlator: {id}}, Limiter: c.sends, TTL: ttl,
		Status: []int{http.StatusOK}, Success: isSent,
		Sign:    func(answer vendorkit.Object) bool { return answer.Get(idField) != nil },
		Failure: func(a vendorkit.Answer) vendorkit.Failure { return readFailure(a, id, onSend) },
	}
}

func (c *Client) verify(v otp.Verification, code string) vendorkit.Call {
	id := rand.Text()
	return vendorkit.Call{
		Path: "/validate-code", Body: map[string]string{idField: v.ID, "code": code}, Header: http.Header{correlator: {id}}, Limiter: c.tries,
		Status:  []int{http.StatusNoContent},
		Success: func(a vendorkit.Answer) bool { return len(a.Body) == 0 && answers(a, id) },
		Failure: func(a vendorkit.Answer) vendorkit.Failure { return readFailure(a, id, onVerify) },
	}
}

// validID is wider than the specification: a refused id would leave a person with a useless code.
var validID = regexp.MustCompile(`\A[!-~]{1,255}\z`)

// isSent reports whether the body is that of a success: an object with an id, and nothing that only
// an error has. An id is kept in any case: the code may be on its way.
func isSent(a vendorkit.Answer) bool {
	answer, _ := a.Object() // what is no object has no id
	id := answer.Text(idField)
	if !validID.MatchString(id) {
		return false
	}
	a.Sent(id, 0)
	return answer.Get("code") == nil && answer.Get("status") == nil && !answer.HasErrors()
}

func answers(a vendorkit.Answer, id string) bool {
	return !slices.ContainsFunc(a.Header.Values(correlator), func(got string) bool { return got != id })
}
