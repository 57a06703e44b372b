package hypersendertest

// Quirks are the points that Hypersender's pages leave open or contradict each other on. The zero value is the
// reading that seems likeliest; each field is another one that the real service might turn out to follow. A
// client that works with all of them is safe whatever the vendor does.
type Quirks struct {
	// Lenient requires no more than the pages mark as required: chatId of request-code, chatId and code of
	// validate-code, and nothing of generate-link, whose page marks none. Otherwise name and allCapital have to be
	// there, too, as people who use the API report, and the name, message and callback of a link, as the official
	// client has it.
	Lenient bool
	// RequireAll requires every field that the official client sends; it always sends them all. It goes before
	// Lenient.
	RequireAll bool
	// LinkNeedsChatID requires the chatId of generate-link, which the official client sends. The page does not
	// have it.
	LinkNeedsChatID bool

	// WrongCodeStatus is the status of every answer of validate-code to a code that is not accepted, whatever the
	// reason. 0 = 422; 200 is the other style: nothing but success false tells.
	WrongCodeStatus int
	// StatusByReason gives each reason a status of its own, if WrongCodeStatus is 0: 422 for a wrong code, 410 for
	// an expired one, 409 for one that was used, 404 where there is none.
	StatusByReason bool
	// HideReason gives every code that is not accepted the same message.
	HideReason bool

	// SuccessStatus is the status of every success. 0 = 200; the pages do not print it, 201 is possible.
	SuccessStatus int
	// ValidationStatus is the status for fields that are missing or wrong. 0 = 422; people report 400.
	ValidationStatus int
	// FirstErrorAsMessage puts the first error, "(and 1 more error)" behind it, where otherwise "The given data was
	// invalid." stands. Newer Laravel does.
	FirstErrorAsMessage bool
	// StatusCodeInBody repeats the status as statusCode in every error body, as the one error that the vendor shows
	// does.
	StatusCodeInBody bool
	// UnreadableIsEmpty takes a body that is not a JSON object for one without fields; otherwise it is answered 400,
	// as people report of a wrong body.
	UnreadableIsEmpty bool
	// RedirectWithoutAccept answers fields that are missing or wrong with a redirect, unless the request has an
	// Accept header with application/json in it. Laravel does that to browsers.
	RedirectWithoutAccept bool
	// ForeignInstanceIs403 answers 403 to a path with another instance in it; otherwise 404.
	ForeignInstanceIs403 bool
	// NoRetryAfter leaves Retry-After, X-RateLimit-Limit and X-RateLimit-Remaining out of a 429.
	NoRetryAfter bool
	// RateLimitReset adds X-RateLimit-Reset to a 429: when there will be room, in seconds since 1970.
	RateLimitReset bool

	// OmitCode leaves the code out of the answer of request-code. All samples have it.
	OmitCode bool
	// QueueFields adds queued_request_uuid and queued_request_link to the data of request-code. The vendor's
	// WhatsApp API answers with such fields; no sample of the OTP API has them.
	QueueFields bool

	// AnyLiveCode lets a new code leave the older ones of its chat valid; otherwise it replaces them.
	AnyLiveCode bool
	// RepeatCode lets a request-code for a chat with a live code send that code again, under a new uuid and with a
	// new lifetime; otherwise every request makes a code.
	RepeatCode bool
	// MaxAttempts locks a code after so many wrong ones. 0 = never: no limit is documented.
	MaxAttempts int
	// IgnoreCase lets abcd match ABCD.
	IgnoreCase bool
	// TrimSpace ignores spaces before and after the code to validate.
	TrimSpace bool

	// AnyChatID takes every chatId that is not empty. Otherwise it has one of the forms that the vendor shows,
	// <digits>@c.us, <digits>@lid and <digits>@s.whatsapp.net, or that of a WhatsApp group, <digits>@g.us or
	// <digits>-<digits>@g.us.
	AnyChatID bool
	// UserChatsOnly takes <digits>@c.us only. Whether an OTP can go to a group or a @lid is not documented. It goes
	// before AnyChatID.
	UserChatsOnly bool
	// PhoneNumbers takes a phone number, "+20123456789", as a chatId, and sends the code by SMS. The introduction
	// says that SMS works; no page shows how.
	PhoneNumbers bool
	// AcceptWithoutWhatsApp answers a code for a phone that is not on WhatsApp as usual, and no message arrives.
	// Success means "queued", so it may be that nobody looks before.
	AcceptWithoutWhatsApp bool

	// IgnoreRanges takes any length and any expires from 1 to 1,000,000. The ranges are not on the pages.
	IgnoreRanges bool
	// DigitsByDefault makes a code of digits if the request has both useLetter and useNumber off; otherwise that is
	// refused.
	DigitsByDefault bool
	// RefuseUnknownFields refuses a request with a field that the pages do not have.
	RefuseUnknownFields bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool

	// AnyoneMayOpen verifies a link whoever opens it; otherwise that fails for anyone but the person whose chatId it
	// was made for, if it has one.
	AnyoneMayOpen bool
	// LoginURL is what {link} becomes in a reply to a link. "" = the request's callback.success; no page says.
	LoginURL string
}

// needsMost says whether the fields count as required that people, not the pages, call so.
func (q Quirks) needsMost() bool { return !q.Lenient || q.RequireAll }
