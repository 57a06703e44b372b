package smsfactortest

import "time"

// Quirks are the points that the vendor's pages leave open or contradict each other on. The zero value is the
// reading that seems likeliest; each field is another one that the real service might turn out to follow. A
// client that works with all of them is safe whatever the vendor does.
type Quirks struct {
	// Strict refuses with a 400 what the service is documented to repair or to ignore: wrong types, values out
	// of range, forbidden characters, unknown fields, a body that is no JSON object.
	Strict bool
	// NearestValue brings a number that is out of its range to the nearest end of it; otherwise such a number
	// is ignored and the account's setting counts.
	NearestValue bool
	// ThreeCharacters lets code_length be 3, as the page otp-mfa-send-a-code has it; the reference has 4.
	ThreeCharacters bool
	// OnlyReferenceChannels knows sms and voice_sms only, the list of the reference.
	OnlyReferenceChannels bool
	// OnlySiteChannels knows text_sms, voice_sms, whatsapp, email and imessage only, the list of the page
	// otp-mfa-send-a-code. Otherwise both lists count.
	OnlySiteChannels bool
	// NothingAppended sends a text without {code} as it is; otherwise the code is appended, because callers
	// are seen to rely on it. No page says which.
	NothingAppended bool
	// ExpiryAsDuration writes the lifetime of the code for {hh:mm:ss}; otherwise the time of day at which it
	// expires.
	ExpiryAsDuration bool
	// ExpiryZone is the time zone of that time of day; nil = UTC.
	ExpiryZone *time.Location

	// GenerateStatus and ValidateStatus are the status of a success. 0 = 200. The page otp-mfa-code-validation
	// says "200 Created", other calls of the vendor that create something answer 201.
	GenerateStatus, ValidateStatus int
	// ErrorStatus is the status of the errors with a code. 0 = 400, shown for 194 and 199. 200 leaves the
	// body's code to tell an error.
	ErrorStatus int
	// WrongCodeStatus is the status of 199, ExpiredStatus that of 197. 0 = ErrorStatus. Code in use expects
	// 422 and 410.
	WrongCodeStatus, ExpiredStatus int
	// CredentialStatus is the status of the answer to a wrong login or key. 0 = 401; the reference lists 403, too.
	CredentialStatus int
	// CredentialShape is the body of that answer. The reference shows none.
	CredentialShape CredentialShape
	// StringCode makes the code of every answer a JSON string, "0" and "199".
	StringCode bool
	// TableWording words 199 as the table of the page otp-mfa-code-validation, "Wrong otp code."; its sample
	// has "Wrong OTP code.".
	TableWording bool
	// NoTicket leaves ticket_number out of the reply of generate.
	NoTicket bool
	// RetryAfter adds a Retry-After to the 429 of WithLimits. No page shows one.
	RetryAfter bool

	// LastAttemptExceeds lets the wrong code that uses up the attempts answer 196 already; otherwise it is a
	// 199 like those before, with 0 attempts remaining, and the next call answers 196.
	LastAttemptExceeds bool
	// LockOutlivesGenerate keeps a number whose attempts are used up locked until that code would have
	// expired; otherwise a new code starts afresh.
	LockOutlivesGenerate bool
	// RemainingBeforeTry counts the failed attempt itself as remaining; otherwise it is counted off first.
	RemainingBeforeTry bool
	// NoRemaining leaves remaining_number_of_attempts out of a 199.
	NoRemaining bool
	// Reusable lets a code be validated any number of times; otherwise success uses it up.
	Reusable bool
	// UsedIsExpired answers 197 for a code that was used up; otherwise that is 198, as if it had never been.
	UsedIsExpired bool
	// NewestCodeOnly lets a new code for a number end the older ones: their tokens are not found (198). Otherwise
	// each lives until it expires: the page speaks of the last code sent to a number, as if it had several.
	NewestCodeOnly bool
	// TokenMustMatchNumber answers 198 when token and number are both given and belong to different requests;
	// otherwise the token counts and the number is not looked at.
	TokenMustMatchNumber bool
	// IgnoreCase lets "abcd" match "ABCD".
	IgnoreCase bool
	// CheckRecipientIP answers 198 unless validate has the same recipient_ip as generate had, if it had one.
	// The page otp-mfa-send-a-code says that the two must be identical, but no page gives validate such a field.
	CheckRecipientIP bool

	// BasicAuth takes login and key as HTTP Basic, too. Only a page on another part of the API says so.
	BasicAuth bool
	// RequireJSON refuses a body whose Content-Type is not application/json with a 415.
	RequireJSON bool
}

// CredentialShape is the body of the answer to a wrong login or key.
type CredentialShape string

// The readings of CredentialShape. Callers have to cope with each.
const (
	ShapeCode    CredentialShape = ""        // {"code":101,"message":"Unauthorized."}
	ShapeMessage CredentialShape = "message" // {"message":"Unauthorized."}
	ShapeNoBody  CredentialShape = "no body"
)
