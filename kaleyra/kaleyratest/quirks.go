package kaleyratest

// Quirks are the points that Kaleyra's pages leave open. Zero is the likeliest reading; each field
// is another that the real service may turn out to follow. A client has to work with all of them.
type Quirks struct {
	// SuccessIs201 answers a success with 201; otherwise with 200. The pages give no status.
	SuccessIs201 bool
	// ErrorsAre200 answers every E… error with 200; otherwise with 400. The pages give no status.
	ErrorsAre200 bool
	// EmptyError adds "error": {} to a success, beside its data, as Kaleyra's RCS API does.
	EmptyError bool
	// FlatCredentialError answers a wrong SID or key with the envelope of Kaleyra's other APIs:
	// {"code":"RBC001","message":…,"data":{},"error":{}} (rcs-api-messages-api-error-responses).
	FlatCredentialError bool

	// LastAttemptExceeds lets the wrong code that uses up MaxAttempts answer E911, not E912.
	LastAttemptExceeds bool
	// MalformedIsWrong lets validate answer E912 to a code that the flow cannot have, and count it;
	// otherwise that is E803, E914 or E903, the codes of generate, and no attempt is spent.
	MalformedIsWrong bool
	// NewestCodeOnly lets a new code for a number end the older ones, which are then E909.
	NewestCodeOnly bool

	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}
