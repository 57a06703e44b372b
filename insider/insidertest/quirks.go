package insidertest

// Quirks are the points that Insider's pages leave open or contradict each other on. The zero value is the
// reading that seems likeliest; each field is another one that the real service might turn out to follow. A
// client that works with all of them is safe whatever the vendor does.
type Quirks struct {
	// CamelCaseWhatsApp spells the WhatsApp reply of generate dateCreated, dateUpdated, maxAttempts, as
	// Insider's Postman collection does; the page spells it date-created, date-updated, max-attempts.
	CamelCaseWhatsApp bool
	// WrongCodeStatus is the status of "invalid code". 0 = by the channel of the code, as the two "Verify OTP
	// Codes" pages have it: 422 on WhatsApp, 401 on SMS.
	WrongCodeStatus int
	// ChannelExistsIs500 answers "channel already exists" with 500, as the Postman collection does; the
	// newer page has 400.
	ChannelExistsIs500 bool
	// SampleFieldNames names the field "text" where the pages' samples do although they must mean another:
	// for a missing field on generate and a wrong channel on template/create.
	SampleFieldNames bool
	// AllErrors puts one error per field at fault into errors. All samples hold one.
	AllErrors bool
	// RetryAfter adds a Retry-After to "rate limit exceeded". No page shows one.
	RetryAfter bool

	// LastAttemptExceeds lets the wrong code that uses up max-attempts answer "maximum attempts exceeded"
	// already; otherwise it is an "invalid code" like those before, and the next call answers that.
	LastAttemptExceeds bool
	// LockOutlivesGenerate keeps a number whose attempts are used up locked until that code would have
	// expired; otherwise a new code starts afresh.
	LockOutlivesGenerate bool
	// AnyLiveCode lets a new code leave the older ones valid, and check take any of them; otherwise a new
	// code replaces the one of its channel, and check looks at the newest.
	AnyLiveCode bool
	// DeadCodeIsWrong answers "invalid code" for a number whose code has expired or was used; otherwise that
	// is "code not found", as for a number that never had one.
	DeadCodeIsWrong bool
	// CompareAsNumbers lets 67 match "0067"; otherwise codes are compared digit for digit.
	CompareAsNumbers bool
	// RefuseStringCode lets check refuse a code that is a JSON string. The pages show an integer only, but no
	// integer can carry a leading zero.
	RefuseStringCode bool
	// CheckCodeLength lets check refuse a code that has not 4 to 8 digits with a 400; otherwise it is wrong
	// like any other, and an attempt is spent.
	CheckCodeLength bool

	// ChannelFirst refuses to generate, and to set up templates, on a channel that was not created.
	ChannelFirst bool
	// TemplateFirst refuses to generate on WhatsApp in a locale that has no template.
	TemplateFirst bool
	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// IgnoreOtherChannel ignores is-unique on SMS and callback on WhatsApp; otherwise they are refused,
	// because each page has only its own.
	IgnoreOtherChannel bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}
