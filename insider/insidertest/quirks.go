package insidertest

// Quirks are the points that Insider's pages leave open or contradict each other on. The zero value
// is the reading that seems likeliest; each field is another one that the real service might turn
// out to follow. A client that works with all of them is safe whatever the vendor does.
type Quirks struct {
	// CamelCaseWhatsApp spells the WhatsApp reply of generate dateCreated, dateUpdated, maxAttempts,
	// as Insider's Postman collection does, and not with hyphens, as the page does.
	CamelCaseWhatsApp bool

	// LastAttemptExceeds lets the wrong code that uses up max-attempts answer "maximum attempts
	// exceeded"; otherwise it is an "invalid code", and the next call answers that.
	LastAttemptExceeds bool
	// LockOutlivesGenerate keeps a number whose attempts are used up locked until that code would
	// have expired; otherwise a new code starts afresh.
	LockOutlivesGenerate bool
	// AnyLiveCode lets a new code leave the older ones valid, and check take any of them; otherwise
	// a new code replaces the one of its channel, and check looks at the newest.
	AnyLiveCode bool
	// DeadCodeIsWrong answers "invalid code" for a number whose code has expired or was used;
	// otherwise that is "code not found", as for a number that never had one.
	DeadCodeIsWrong bool
	// CompareAsNumbers lets 67 match "0067"; otherwise codes are compared digit for digit.
	CompareAsNumbers bool
	// RefuseStringCode takes codes for integers, as the samples of check show them: check refuses a
	// JSON string, no code that generate makes begins with 0, and an own code that does is refused.
	RefuseStringCode bool
	// CheckCodeLength lets check refuse a code that has not 4 to 8 digits with a 400; otherwise it
	// is wrong like any other, and an attempt is spent.
	CheckCodeLength bool

	// ChannelFirst refuses to generate, and to set up templates, on a channel that was not created.
	ChannelFirst bool
	// TemplateFirst refuses to generate on WhatsApp in a locale that has no template.
	TemplateFirst bool
	// ProbeCallback calls the callback of an SMS before it is sent, and refuses to send unless the answer
	// is 200, as the page of the SMS API has it; the pages of Verify do not.
	ProbeCallback bool
	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}
