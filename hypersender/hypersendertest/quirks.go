package hypersendertest

// Quirks are the points that Hypersender's pages leave open. Zero is the likeliest reading; each
// field is another that the real service may turn out to follow. Clients work with all of them.
type Quirks struct {
	// Lenient requires only chatId of request-code, and chatId and code of validate-code, as the pages
	// do. Otherwise name and allCapital, too, as users report, and the name, message and callback of a
	// link, as the official client has it.
	Lenient bool
	// RequireAll requires every field that the official client sends. It goes before Lenient.
	RequireAll bool

	// RejectWith200 answers every code that is not accepted with 200; otherwise that is 422.
	RejectWith200 bool
	// StatusByReason answers 422 for wrong, 410 expired, 409 used, 404 none, but for RejectWith200.
	StatusByReason bool
	// SuccessIs201 answers a success with 201; otherwise with 200. The pages do not print it.
	SuccessIs201 bool
	// OmitCode leaves the code out of the answer of request-code. All samples have it.
	OmitCode bool

	// AnyLiveCode lets a new code leave the older ones of its chat valid; otherwise it replaces them.
	AnyLiveCode bool
	// RepeatCode lets a request-code for a chat with a live code send that again under a new uuid.
	RepeatCode bool
	// ThreeAttempts locks a code after three wrong ones; otherwise nothing does.
	ThreeAttempts bool
	// IgnoreCase lets abcd match ABCD.
	IgnoreCase bool

	// DirectTexts answers send-text with the message, not with the queued request (both on the page).
	DirectTexts bool

	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}

func (q Quirks) needsMost() bool { return !q.Lenient || q.RequireAll }
