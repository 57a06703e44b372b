package kaleyra

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// APIError is what Kaleyra answers to a request that it refuses. errors.As finds it in the
// *otp.Error of a call. Secrets and the recipient are masked, and its texts are cut to 200 bytes.
type APIError struct {
	// HTTPStatus says little: the vendor documents none, and the code decides.
	HTTPStatus int

	Code      string // "E804"; "" = none
	Type      string // "VALIDATION_ERROR" or "validation_error", as it came; see IsValidation
	Parameter string // the vendor's name of the field at fault, "mobile"; "" = none
	Message   string // for people: its wording and punctuation vary
	Reference string // empty in all of the vendor's samples
}

// Error lists what the vendor said.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.HTTPStatus)
	if e.Code != "" {
		b.WriteString(": " + e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, `: "%s"`, e.Message) // escaped before: %q would do it twice
	}
	if e.Parameter != "" {
		fmt.Fprintf(&b, " (%s)", e.Parameter)
	}
	return b.String()
}

// IsValidation reports whether Type is a validation error, in either spelling.
func (e *APIError) IsValidation() bool { return strings.EqualFold(e.Type, "VALIDATION_ERROR") }

// The vendor's codes. E803, E903 and E914 stand on the page of Generate and serve Validate as well.
const (
	// "Generate OTPs".
	toMissing       = "E600"
	emailInvalid    = "E802"
	codeNotLetters  = "E803" // neither letters nor digits
	mobileMissing   = "E804"
	mobileInvalid   = "E805"
	codeLength      = "E903" // not the flow's
	flowNotFound    = "E905" // or not approved
	codeNotNumerals = "E914" // letters, and the flow has none

	// "Validating OTP" has E910; the other codes are those that public integrations know.
	verifyIDMissing = "E800"
	codeMissing     = "E801"
	verifyIDUnknown = "E909"
	alreadyVerified = "E910"
	tooManyAttempts = "E911"
	codeWrong       = "E912"
	codeExpired     = "E913"

	// "WhatsApp Error Codes": they are the platform's.
	badCredentials = "RBC001"
	noBalance      = "E110"
)

var codeForm = regexp.MustCompile(`\A(E|RBC)[0-9]{3,4}\z`)

var knownFields = []string{"to", "mobile", "email", "flow_id", "verify_id", "otp"} //nolint:gochecknoglobals // nothing changes it

func readGenerateFailure(a vendorkit.Answer) vendorkit.Failure {
	return readFailure(a, classifyGenerate)
}

func readValidateFailure(a vendorkit.Answer) vendorkit.Failure {
	return readFailure(a, classifyValidate)
}

// classifier says what status and code mean together; "" and nil leave it to the status.
type classifier func(status int, code string) (otp.Kind, *otp.Outcome)

// readFailure reads the vendor's error envelope. An answer without one is left to the status.
func readFailure(a vendorkit.Answer, classify classifier) vendorkit.Failure {
	raw := readError(a)
	if raw == (APIError{}) {
		return vendorkit.Failure{}
	}
	kind, outcome := classify(a.Status, raw.Code)
	field, shown := raw.Parameter, raw.masked(a)
	switch {
	case raw.Code == emailInvalid:
		field = "email"
	case !slices.Contains(knownFields, field): // it may be anything, a code as well
		field = shown.Parameter
	}
	return vendorkit.Failure{
		Kind: kind, Outcome: outcome, OneRecipient: kind == otp.ErrInvalidRecipient,
		Field: field, Code: shown.Code, Message: raw.Message, Err: shown,
	}
}

// readError reads the error of an answer. Other parts of the vendor's platform have code and
// message beside the error, or a text as the error. It is zero when there is nothing of the kind.
func readError(a vendorkit.Answer) APIError {
	body, err := a.Object()
	if err != nil {
		return APIError{}
	}
	failure, err := body.Object("error")
	if err != nil && bytes.HasPrefix(body.Get("error"), []byte("{")) { // which of two members counts?
		return APIError{}
	}
	text := body.Text("error") + ": " + body.Text("message")
	return APIError{
		Code:      cmp.Or(codeOf(failure), codeOf(body)),
		Type:      failure.Text("type"),
		Parameter: failure.Text("parameter"),
		Message:   cmp.Or(failure.Text("message"), strings.Trim(text, ": ")),
		Reference: failure.Text("reference"),
	}
}

// codeOf is a code that is a string or, as elsewhere on the vendor's platform, a number.
func codeOf(o vendorkit.Object) string {
	var n json.Number
	_ = json.Unmarshal(o.Get("code"), &n) // what is neither leaves it empty
	return cmp.Or(o.Text("code"), n.String())
}

// masked is e in a form that may leave the library. A code of the vendor's form is no passcode.
func (e APIError) masked(a vendorkit.Answer) *APIError {
	if !codeForm.MatchString(e.Code) {
		e.Code = a.Text(e.Code)
	}
	return &APIError{
		HTTPStatus: a.Status,
		Code:       e.Code,
		Type:       a.Text(e.Type),
		Parameter:  a.Text(e.Parameter),
		Message:    a.Text(e.Message),
		Reference:  a.Text(e.Reference),
	}
}

// classifyGenerate: a code that is listed proves that nothing was sent, on any status.
func classifyGenerate(status int, code string) (otp.Kind, *otp.Outcome) {
	notSent := vendorkit.Known(otp.OutcomeNotSent)
	switch code {
	case toMissing, mobileMissing, mobileInvalid:
		return otp.ErrInvalidRecipient, notSent
	case emailInvalid, codeNotLetters:
		return otp.ErrInvalidRequest, notSent
	case codeLength, flowNotFound, codeNotNumerals:
		return otp.ErrMisconfigured, notSent
	case badCredentials:
		return otp.ErrUnauthorized, notSent
	case noBalance:
		return otp.ErrInsufficientFunds, notSent
	}
	if isUnlistedRefusal(status, code) {
		return otp.ErrInvalidRequest, notSent
	}
	return "", nil
}

// classifyValidate tells a verdict from what proves that the code was not checked.
func classifyValidate(status int, code string) (otp.Kind, *otp.Outcome) {
	notChecked := vendorkit.Known(otp.OutcomeNotSent)
	switch code {
	case codeWrong, codeNotLetters, codeLength, codeNotNumerals:
		return otp.ErrWrongCode, nil
	case codeExpired:
		return otp.ErrExpired, nil
	case tooManyAttempts:
		return otp.ErrTooManyAttempts, nil
	case alreadyVerified:
		return otp.ErrAlreadyVerified, nil
	case verifyIDUnknown:
		return otp.ErrNotFound, nil
	case verifyIDMissing, codeMissing:
		return otp.ErrInvalidRequest, notChecked
	case badCredentials:
		return otp.ErrUnauthorized, notChecked
	}
	if isUnlistedRefusal(status, code) {
		return otp.ErrInvalidRequest, nil
	}
	return "", nil
}

// isUnlistedRefusal reports whether this is a refusal that no page documents.
func isUnlistedRefusal(status int, code string) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests:
		return false
	}
	return status/100 == 4 && codeForm.MatchString(code)
}
