package kaleyra

// GenerateRequest asks for one code to one person ("Generate OTPs"). To is required; all else is up
// to the flow. Printing, logging or marshalling it masks the recipient.
type GenerateRequest struct {
	// To is the recipient, E.164. Several in one request are refused: they would share one verify ID.
	To string `mask:"number"`

	// Email is the recipient's bare e-mail address, "a@b.example", for a flow with an e-mail step.
	Email string `mask:"secret"`

	// FlowID is the flow to send by. "" = the client's, else the account's default.
	FlowID string
}

// GenerateResponse is the vendor's answer to Generate. It never holds the code. The vendor's echo
// of the recipient is left out: the caller knows it, and a printed answer should not show it.
type GenerateResponse struct {
	// VerifyID is what Validate needs, a UUID. Never empty.
	VerifyID string

	// FlowID is the flow that was used, also when it is the account's default one. "" = not said.
	FlowID string
}

// ValidateRequest asks whether a code is the one that was sent ("Validating OTP"). All of it is
// required. Printing, logging or marshalling it masks the code.
type ValidateRequest struct {
	// VerifyID is GenerateResponse.VerifyID.
	VerifyID string

	// Code is what the person typed: 1 to 32 letters and digits, leading zeros kept.
	Code string `mask:"secret"`
}

// ValidateResponse is the vendor's answer to a right code.
type ValidateResponse struct {
	// VerifyID is the one that was asked about.
	VerifyID string

	// Message is the vendor's text, cut and masked as in errors. Decide nothing by it.
	Message string
}
