package smsfactortest

// Quirks are the points that the vendor's pages leave open. Zero is the likeliest reading; each
// field is another that the real service may turn out to follow. Clients work with all of them.
type Quirks struct {
	// Strict refuses with a 400 what the service is documented to repair or to ignore: wrong types,
	// values out of range, forbidden characters, unknown fields, a body that is no JSON object.
	Strict bool
	// OnlySiteChannels knows the channels of otp-mfa-send-a-code alone, without the reference's sms.
	OnlySiteChannels bool

	// SuccessIs201 answers a success with 201; otherwise with 200. The page says "200 Created".
	SuccessIs201 bool
	// ErrorsAre200 answers the errors with a code with 200; otherwise with 400, as 194 and 199.
	ErrorsAre200 bool
	// StatusByReason answers 422 for 199 and 410 for 197, as code in use expects, but ErrorsAre200.
	StatusByReason bool
	// CredentialsWithoutCode leaves the code, 101, out of the answer to a wrong login or key.
	CredentialsWithoutCode bool
	// CredentialsWithoutBody leaves out that body altogether.
	CredentialsWithoutBody bool
	// StringCode makes the code of every answer a JSON string, "0" and "199".
	StringCode bool
	// NoTicket leaves ticket_number out of the reply of generate.
	NoTicket bool

	// LastAttemptExceeds lets the wrong code that uses up the attempts answer 196, not 199.
	LastAttemptExceeds bool
	// LockOutlivesGenerate keeps a locked number locked until that code would have expired.
	LockOutlivesGenerate bool
	// RemainingBeforeTry counts the failed attempt itself as remaining.
	RemainingBeforeTry bool
	// NoRemaining leaves remaining_number_of_attempts out of a 199.
	NoRemaining bool
	// Reusable lets a code be validated any number of times; otherwise success uses it up.
	Reusable bool
	// UsedIsExpired answers 197 for a code that was used up; otherwise that is 198.
	UsedIsExpired bool
	// NewestCodeOnly lets a new code for a number end the older ones, which are then 198.
	NewestCodeOnly bool
	// TokenMustMatchNumber answers 198 for a token of another number; otherwise the token counts.
	TokenMustMatchNumber bool
	// IgnoreCase lets "abcd" match "ABCD".
	IgnoreCase bool

	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}
