package vendorkit

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// Class says what repeating a call would do.
type Class int

// The zero Class has the strictest rules.
const (
	Send       Class = iota // texts somebody, or changes something: repeated only if certainly not done
	Verify                  // spends an attempt: repeated only if certainly nothing was judged
	Idempotent              // changes something, and twice is the same as once: repeated after any temporary failure
	Read                    // changes nothing: repeated after any temporary failure
)

// Call is one operation of a vendor.
type Call struct {
	// Op is what errors call the operation: "create_template". Send and Verify of a [Provider] set it.
	Op    string
	Class Class

	Method string // the HTTP method. "" = POST

	// Path is a template below the base URL: "/v2/verify/{id}/cancel". Segments take the places of its
	// braces, in order, escaped; "", "." and ".." are refused. Pauses are kept by template.
	Path     string
	Segments []string

	// Query stands in the URL. Keys and codes do not belong there: proxies log it.
	Query url.Values

	// Body is sent as JSON, Form as application/x-www-form-urlencoded. At most one of them is set.
	Body any
	Form url.Values

	// Header holds headers of this call alone.
	Header http.Header

	Channel otp.Channel // the one that the vendor limits by itself: its pauses stop no other channel
	Limiter otp.Limiter // waited for before every attempt. Nil = no limit

	// Number, Code and Secrets are what this call must never show: the recipient, a code that is sent
	// or checked, and further texts such as an e-mail address. A [Provider] sets Number and Code
	// itself.
	Number, Code string
	Secrets      []string

	// DigitsOnly says that the codes which the vendor makes have digits alone. Of what a vendor says
	// when a code may be on its way, digits are then masked; otherwise the whole text is withheld.
	DigitsOnly bool

	TTL time.Duration // how long what is sent stays valid. 0 = not known

	// Reference is the ID of the verification where the vendor gives none: one that otp.RandomID has
	// made, and that stands in a URL which the vendor calls. "" = the kit makes one.
	Reference string

	// Status lists the HTTP statuses of the vendor's success. Empty = every 2xx.
	Status []int

	// Success reports whether the body of an answer is the vendor's documented success, and takes what
	// it needs from it. The kit checks the status by itself. Required.
	Success func(Answer) bool

	// Sign reports whether an answer that is no success has a sign of one, such as the reference that
	// only a send returns. Its outcome is unknown then, whatever its status. Nil = only what Success
	// says.
	Sign func(Object) bool

	// Failure reads an answer that is no success, redirects aside. What it leaves zero follows from
	// the status. It may be called twice for one answer. Nil = everything follows from the status.
	Failure func(Answer) Failure

	Invalid error // the error of a check of the request. If it is not nil, Do returns it and sends nothing
}

// Failure is what a vendor reads in an answer that is not a success.
type Failure struct {
	Kind otp.Kind // the category. "" = by the HTTP status. A rejected code counts on a Verify only

	// Outcome is what the vendor's documents say about such an answer, see [Known]. Nil = by the
	// status; on a Verify that is always unknown, because any refusal may be a verdict in other words.
	Outcome *otp.Outcome

	// OneRecipient says that the failure is about this recipient alone. A pause then stops nobody
	// else.
	OneRecipient bool

	// Final says that another attempt would fail the same way although the kind is one that passes.
	Final bool

	// Renew: the credential has run out. It is made anew once, and the call repeated if not done.
	Renew bool

	// Field, Code and Message are the vendor's, as they stand in the answer: Do masks them.
	Field, Code, Message string

	AttemptsLeft *int  // how many more codes may be tried. Nil = not said
	Err          error // the vendor's typed error. Its texts have to be passed through [Answer.Text]
}

// Known is the Outcome of a Failure.
func Known(o otp.Outcome) *otp.Outcome { return &o }

// check refuses what a vendor's author has got wrong, and segments that would lead elsewhere.
func (c *Call) check() *otp.Error {
	switch {
	case c.Success == nil:
		return refused(otp.ErrMisconfigured, "success", "must not be nil: nothing else tells a success")
	case c.Body != nil && c.Form != nil:
		return refused(otp.ErrMisconfigured, "form", "must not be set beside body")
	case c.Class < Send || c.Class > Read:
		return refused(otp.ErrMisconfigured, "class", "must be Send, Verify, Idempotent or Read")
	case !strings.HasPrefix(c.Path, "/") || strings.ContainsAny(c.Path, "?#%"):
		return refused(otp.ErrMisconfigured, "path", `must begin with "/" and have no "?", "#" or "%"`)
	case strings.Count(c.Path, "{") != len(c.Segments) || strings.Count(c.Path, "}") != len(c.Segments):
		return refused(otp.ErrMisconfigured, "segments", "must be as many as the path has braces")
	}
	for i, segment := range c.Segments {
		if segment == "" || segment == "." || segment == ".." {
			return refused(otp.ErrInvalidRequest, c.segmentName(i), `must not be empty, "." or ".."`)
		}
	}
	return nil
}

func (c *Call) segmentName(n int) string {
	part := strings.Split(c.Path, "{")[n+1]
	name, _, _ := strings.Cut(part, "}")
	return name
}

func (c *Call) path() (plain, escaped string) {
	if len(c.Segments) == 0 {
		return c.Path, c.Path
	}
	plain = c.fill(func(s string) string { return s })
	if !slices.ContainsFunc(c.Segments, func(s string) bool { return url.PathEscape(s) != s }) {
		return plain, plain
	}
	return plain, c.fill(url.PathEscape)
}

func (c *Call) fill(escape func(string) string) string {
	var b strings.Builder
	b.Grow(2 * len(c.Path))
	rest := c.Path
	for _, segment := range c.Segments {
		before, after, _ := strings.Cut(rest, "{")
		_, rest, _ = strings.Cut(after, "}")
		b.WriteString(before)
		b.WriteString(escape(segment))
	}
	b.WriteString(rest)
	return b.String()
}
