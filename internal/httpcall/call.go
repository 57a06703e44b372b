package httpcall

import (
	"encoding/json"
	"net/http"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// Class says what repeating a call would do.
type Class int

// The zero Class is the one with the strictest rules.
const (
	Send   Class = iota // texts somebody, or changes something at the vendor: repeated only when provably not done
	Verify              // spends an attempt: repeated only when provably nothing was judged
	Read                // changes nothing: repeated after any passing failure
)

// Call is one operation of a vendor.
type Call struct {
	// Op is what the operation is called in errors: "send", "create_template".
	Op    string
	Class Class

	Method string
	Path   string // below the base URL, escaped: "/v1/generate"
	Body   any    // sent as JSON; nil = no body

	// Limiter is waited for before every attempt; nil = no limit.
	Limiter otp.Limiter

	// Number and Code are what this call must never show: the recipient, and a code that is sent or checked.
	Number, Code string

	// Success reports whether an answer is the vendor's documented success, and takes what it needs from it.
	Success func(Answer) bool

	// Failure reads any other answer, redirects aside. What it leaves zero, the decision table fills in.
	Failure func(Answer) Failure
}

// Answer is one answer of the vendor: whole, and of bounded size.
type Answer struct {
	Path   string // of the call
	Status int
	Header http.Header
	Body   []byte // empty when it could not be read to its end; valid only while the answer is being read

	x *exchange
}

// Decode reads the body as one JSON value.
func (a Answer) Decode(into any) error { return json.Unmarshal(a.Body, into) }

// Text makes a text of the vendor's fit for an error: secrets masked, control characters escaped, cut to 200 bytes. In what
// a vendor says to a send, other than to refuse it, whatever may be the code that it has just made is masked, too.
func (a Answer) Text(s string) string {
	if a.x == nil {
		return redact.Quote(s)
	}
	s = a.x.mask().Head(s)
	if a.x.call.Class == Send && (a.Status/100 == 2 || a.Status/100 == 5) { // there may be a code by now, which only the vendor knows
		s = redact.Numerals(s)
	}
	return redact.Quote(s)
}

// Failure is what a vendor reads in an answer that is not a success.
type Failure struct {
	Kind         otp.Kind     // "" = by the HTTP status
	Outcome      *otp.Outcome // nil = by the HTTP status
	Field        string
	Code         string
	Message      string // passed through Answer.Text by the core
	AttemptsLeft *int
	Err          error // the vendor's typed error, its texts passed through Answer.Text by the vendor
}

// Known is the outcome of a failure about which the vendor's documents say more than its status does.
func Known(o otp.Outcome) *otp.Outcome { return &o }
