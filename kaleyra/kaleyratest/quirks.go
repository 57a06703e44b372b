package kaleyratest

// Quirks are the points that Kaleyra's pages leave open or contradict each other on. The zero value is the
// reading that seems likeliest; each field is another one that the real service might turn out to follow. A
// client that works with all of them is safe whatever the vendor does.
type Quirks struct {
	// SuccessStatus is the status of a success; 0 = 200. The pages give none.
	SuccessStatus int
	// ErrorStatus is the status of every E… error; 0 = 400. The pages give none. With 200 only the body tells an
	// error from a success.
	ErrorStatus int
	// EmptyError adds "error": {} to a success, beside its data, as Kaleyra's RCS API does.
	EmptyError bool
	// TopLevelMessage puts the message of an error beside the error object instead of into it. One public
	// integration is prepared for that.
	TopLevelMessage bool
	// EchoPlus lets generate echo to.mobile as the request wrote it; otherwise the + is left out, as in the
	// page's sample.
	EchoPlus bool
	// MissingEmail is what generate echoes for a to.email that was not sent. The page's sample was sent one.
	MissingEmail MissingEmail
	// OmitFlowID leaves flow_id out of the reply of generate.
	OmitFlowID bool
	// CredentialStatus is the status of the answer to a wrong SID or key; 0 = 401.
	CredentialStatus int
	// CredentialShape is the body of that answer. The pages only say that it is an error.
	CredentialShape CredentialShape
	// RetryAfter adds a Retry-After to the 429 of WithLimits. No page shows one.
	RetryAfter bool

	// LastAttemptExceeds lets the wrong code that uses up MaxAttempts answer E911 already; otherwise it is an
	// E912 like those before, and the next call answers E911.
	LastAttemptExceeds bool
	// MalformedIsWrong lets validate answer E912 to a code that no code of the flow can be, and count it;
	// otherwise that is E803, E914 or E903, and no attempt is spent. The pages have those three on generate.
	MalformedIsWrong bool
	// NewestCodeOnly lets a new code for a number end the older ones: their verify_id is not found (E909).
	// Otherwise each lives until it expires.
	NewestCodeOnly bool
	// GenerateTakesOTP lets generate send the request's own otp, if it fits the flow (E803, E914, E903). The
	// page has these three errors, but no such field; otherwise otp is a field that generate does not know.
	GenerateTakesOTP bool

	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}

// MissingEmail is what stands in a reply for an e-mail address that was not sent.
type MissingEmail string

// The readings of MissingEmail.
const (
	EmailAbsent MissingEmail = ""      // no member email
	EmailEmpty  MissingEmail = "empty" // "email": ""
	EmailNull   MissingEmail = "null"  // "email": null
)

// CredentialShape is the body of the answer to a wrong SID or key. The flat ones are those of Kaleyra's other
// APIs (rcs-api-messages-api-error-responses): their "error" is empty although they are errors.
type CredentialShape string

// The readings of CredentialShape.
const (
	ShapeError      CredentialShape = ""            // {"error":{"code":"RBC001",…}}
	ShapeFlat       CredentialShape = "flat"        // {"code":"RBC001","message":…,"data":{},"error":{}}
	ShapeFlatNumber CredentialShape = "flat number" // the same with the HTTP status as code
	ShapeMessage    CredentialShape = "message"     // {"message":…}
	ShapeNoBody     CredentialShape = "no body"
)
