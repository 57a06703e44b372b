package insidertest

// Quirks are the points that Insider's pages leave open. Zero is the likeliest reading; each field
// is another that the real service may turn out to follow. A client has to work with all of them.
type Quirks struct {
	// CamelCaseWhatsApp spells the WhatsApp reply dateCreated, as the Postman collection does.
	CamelCaseWhatsApp bool

	// LastAttemptExceeds lets the wrong code that uses up max-attempts answer "maximum attempts
	// exceeded"; otherwise it is an "invalid code", and the next call answers that.
	LastAttemptExceeds bool
	// LockOutlivesGenerate keeps a locked number locked until that code would have expired.
	LockOutlivesGenerate bool
	// AnyLiveCode lets check take any live code; otherwise a new one replaces that of its channel.
	AnyLiveCode bool
	// DeadCodeIsWrong answers "invalid code", not "code not found", for an expired or used code.
	DeadCodeIsWrong bool
	// CompareAsNumbers lets 67 match "0067"; otherwise codes are compared digit for digit.
	CompareAsNumbers bool
	// RefuseStringCode takes codes for integers, as the samples of check show them: check refuses a
	// JSON string, no code that generate makes begins with 0, and an own code that does is refused.
	RefuseStringCode bool
	// CheckCodeLength lets check refuse a code without 4 to 8 digits; otherwise it is a wrong one.
	CheckCodeLength bool

	// ChannelFirst refuses to generate, and to set up templates, on a channel that was not created.
	ChannelFirst bool
	// TemplateFirst refuses to generate on WhatsApp in a locale that has no template.
	TemplateFirst bool
	// ProbeCallback calls the callback before an SMS is sent, and wants a 200 (page of the SMS API).
	ProbeCallback bool
	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}
