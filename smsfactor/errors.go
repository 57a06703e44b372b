package smsfactor

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// APIError is what Octopush answers to a request that it refuses. errors.As finds it in the
// *otp.Error of a call. Secrets and the recipient are masked, and its text is cut to 200 bytes.
type APIError struct {
	HTTPStatus   int    // of the answer
	Code         string // the vendor's number for the failure, "199". "" = no whole number was given
	Message      string // the vendor's text for people. It changes from page to page; go by the code
	AttemptsLeft *int   // how many more codes may be tried, documented for a wrong code. Nil = not said
}

// Error lists the vendor's code and message.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d", e.HTTPStatus)
	if e.Code != "" {
		fmt.Fprintf(&b, ": code %s", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, `: "%s"`, e.Message) // escaped before: %q would do it twice
	}
	return b.String()
}

// readFailure reads code and message. An answer with neither is left to the status.
func readFailure(a vendorkit.Answer, class vendorkit.Class) vendorkit.Failure {
	answer, err := a.Object()
	code, hasCode := number(answer.Get("code"))
	message := answer.Text("message")
	if err != nil || !hasCode && message == "" {
		return vendorkit.Failure{}
	}
	failure := vendorkit.Failure{Message: message}
	if left, ok := number(answer.Get("remaining_number_of_attempts")); ok && left >= 0 && left <= math.MaxInt32 {
		n := int(left)
		failure.AttemptsLeft = &n
	}
	if hasCode {
		means := meanings[slices.IndexFunc(meanings, func(m meaning) bool {
			return m.codes == nil || slices.Contains(m.codes, code)
		})]
		failure.Kind, failure.Field, failure.Code = means.kind, means.field, strconv.FormatInt(code, 10)
		if means.codes != nil && means.kind == "" && a.Status/100 == 4 {
			failure.Kind = otp.ErrInvalidRequest
		}
		failure.Outcome = means.proof.outcome(class, a.Status)
	}
	shown := failure.Code
	if len(shown) >= shortestCode { // a shorter one cannot be what was sent to a phone
		shown = a.Text(shown)
	}
	failure.Err = &APIError{a.Status, shown, a.Text(message), failure.AttemptsLeft}
	return failure
}

type proof int

const (
	none       proof = iota // the status decides
	turnedAway              // the vendor lists the code as a refusal: nothing was sent, no code was checked
	notChecked              // likewise, for Validate alone
	leavesOpen              // how far the vendor came is not known
)

// outcome is what the proof makes of a failure, under a status that refuses, too; nil = by status.
func (p proof) outcome(class vendorkit.Class, status int) *otp.Outcome {
	switch {
	case p == leavesOpen:
		return vendorkit.Known(otp.OutcomeUnknown)
	case class == vendorkit.Send && p == turnedAway, class == vendorkit.Verify && p != none && status/100 == 4:
		return vendorkit.Known(otp.OutcomeNotSent)
	default:
		return nil
	}
}

type meaning struct {
	codes []int64
	kind  otp.Kind // "" = a fault of the request under a 4xx, else by the status
	field string
	proof proof
}

// meanings are the codes that somebody has listed: 194 to 199 for the OTP operations ("OTP: code
// validation"); those without another note for the older SMS API ("Return codes").
var meanings = []meaning{ //nolint:gochecknoglobals // nothing changes it
	{[]int64{0}, otp.ErrProtocol, "", leavesOpen}, // success, in an answer that is none
	{[]int64{199}, otp.ErrWrongCode, "", none},
	{[]int64{198}, otp.ErrNotFound, "", none},
	{[]int64{197}, otp.ErrExpired, "", none},
	{[]int64{196}, otp.ErrTooManyAttempts, "", none},
	{[]int64{195}, otp.ErrInvalidRequest, "code", notChecked},         // no code
	{[]int64{194}, otp.ErrInvalidRequest, "phone_number", notChecked}, // neither number nor token

	// Wrong login details; login missing; password missing; account not validated yet; investigated.
	{[]int64{101, 108, 109, 113, 114}, otp.ErrUnauthorized, "", turnedAway},
	{[]int64{104, 105}, otp.ErrInsufficientFunds, "", turnedAway},                 // out of credit; not enough
	{[]int64{103, 110, 117}, otp.ErrInvalidRecipient, "phone_number", turnedAway}, // none; no list; none correct
	{[]int64{150, 151, 152}, otp.ErrUnreachable, "phone_number", turnedAway},      // prefix; country; route
	{[]int64{106}, otp.ErrInvalidRequest, "sender", turnedAway},                   // not valid
	{[]int64{102, 107, 119, 121, 122}, "", "text", turnedAway},                    // long; missing; long; no STOP
	{[]int64{100, 111, 112, 115, 116, 118, 123}, "", "", turnedAway},              // other faults of the request
	{[]int64{202, 203, 204, 205, 206, 208}, "", "", turnedAway},                   // transfers of credit; SMS type
	{[]int64{124, 126, 127, 129, 130, 131, 132, 133}, "", "", none},               // state of a campaign
	{[]int64{300, 301, 302, 303, 304, 305, 306, 308}, "", "", none},               // contact lists
	{[]int64{201, 207, 209, 210}, otp.ErrMisconfigured, "", turnedAway},           // not allowed to the account
	{[]int64{128}, otp.ErrRateLimited, "", none},                                  // too many attempts
	{[]int64{153}, otp.ErrMisconfigured, "", leavesOpen},                          // congested: "not sent at once"
	{[]int64{120}, "", "", leavesOpen},                                            // a request_id used before
	{[]int64{125, 500, 501}, otp.ErrUnavailable, "", leavesOpen},                  // undefined; impossible; connection

	// Seen by users of the same API.
	{[]int64{182}, "", "", leavesOpen},                            // a request_id used within 24 hours
	{[]int64{401, 403}, otp.ErrUnauthorized, "", none},            // credentials
	{[]int64{438}, otp.ErrRateLimited, "", none},                  // throughput
	{[]int64{181}, otp.ErrInvalidRecipient, "phone_number", none}, // number refused
	{[]int64{189}, otp.ErrInvalidRequest, "text", none},           // too long
	{[]int64{1340, 1341}, otp.ErrUnreachable, "", none},           // an operator refuses a word of text or sender
	{[]int64{134, 139, 142}, otp.ErrMisconfigured, "", none},      // they stop everything, and do not say why

	{nil, "", "", none}, // any other code
}
