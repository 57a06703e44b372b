package smsfactortest

// Quirks are the points that the vendor's pages leave open or contradict each other on. The zero
// value is the reading that seems likeliest; each field is another one that the real service might
// turn out to follow. A client that works with all of them is safe whatever the vendor does.
type Quirks struct {
	// Strict refuses with a 400 what the service is documented to repair or to ignore: wrong types,
	// values out of range, forbidden characters, unknown fields, a body that is no JSON object.
	Strict bool
	// OnlySiteChannels knows text_sms, voice_sms, whatsapp, email and imessage only, the list of the
	// page otp-mfa-send-a-code. Otherwise the list of the reference counts, too: sms and voice_sms.
	OnlySiteChannels bool

	// SuccessIs201 answers a success with 201; otherwise with 200. The page otp-mfa-code-validation
	// says "200 Created", other calls of the vendor that create something answer 201.
	SuccessIs201 bool
	// ErrorsAre200 answers the errors with a code with 200, so that only the code is different from
	// a success; otherwise with 400, which is shown for 194 and 199.
	ErrorsAre200 bool
	// StatusByReason answers 422 for a wrong code (199) and 410 for an expired one (197), as code
	// in use expects. ErrorsAre200 goes before it.
	StatusByReason bool
	// CredentialsWithoutCode leaves the code out of the answer to a wrong login or key; otherwise
	// it is 101. The reference shows no body.
	CredentialsWithoutCode bool
	// CredentialsWithoutBody leaves out that body altogether.
	CredentialsWithoutBody bool
	// StringCode makes the code of every answer a JSON string, "0" and "199".
	StringCode bool
	// NoTicket leaves ticket_number out of the reply of generate.
	NoTicket bool

	// LastAttemptExceeds lets the wrong code that uses up the attempts answer 196 already; otherwise
	// it is a 199 like those before, with 0 attempts remaining, and the next call answers 196.
	LastAttemptExceeds bool
	// LockOutlivesGenerate keeps a number whose attempts are used up locked until that code would
	// have expired; otherwise a new code starts afresh.
	LockOutlivesGenerate bool
	// RemainingBeforeTry counts the failed attempt itself as remaining.
	RemainingBeforeTry bool
	// NoRemaining leaves remaining_number_of_attempts out of a 199.
	NoRemaining bool
	// Reusable lets a code be validated any number of times; otherwise success uses it up.
	Reusable bool
	// UsedIsExpired answers 197 for a code that was used up; otherwise that is 198.
	UsedIsExpired bool
	// NewestCodeOnly lets a new code for a number end the older ones, which are then 198; otherwise
	// each lives until it expires: the page speaks of "the last code sent".
	NewestCodeOnly bool
	// TokenMustMatchNumber answers 198 when token and number are both given and belong to different
	// requests; otherwise the token counts and the number is not looked at.
	TokenMustMatchNumber bool
	// IgnoreCase lets "abcd" match "ABCD".
	IgnoreCase bool

	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}
