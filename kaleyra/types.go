package kaleyra

// GenerateRequest asks for one code to one person ("Generate OTPs"). To is required, and masked.
type GenerateRequest struct {
	To     string `mask:"number"` // the recipient, E.164. Several in one request are refused: they would share one verify ID
	Email  string `mask:"secret"` // the recipient's bare e-mail address, "a@b.example", for a flow with an e-mail step
	FlowID string // the flow to send by. "" = the client's, else the account's default
}

// GenerateResponse is the vendor's answer to Generate, without the code and the recipient.
type GenerateResponse struct {
	VerifyID string // what Validate needs, a UUID. Never empty
	FlowID   string // the flow that was used, also when it is the account's default one. "" = not said
}

// ValidateRequest asks whether a code is right ("Validating OTP"). All is required. It is masked.
type ValidateRequest struct {
	VerifyID string // GenerateResponse.VerifyID
	Code     string `mask:"secret"` // what the person typed: 1 to 32 letters and digits, leading zeros kept
}

// ValidateResponse is the vendor's answer to a right code.
type ValidateResponse struct {
	VerifyID string // the one that was asked about
	Message  string // the vendor's text, cut and masked as in errors. Decide nothing by it
}
