package kaleyratest

// Limits are the account's rate limits. The zero value has none, and Kaleyra publishes none for Verify; public
// integrations are prepared for a 429. Each operation is counted by itself, in a window that slides on the
// server's Clock.
type Limits struct {
	Generate Rate // POST verify
	Validate Rate // POST verify/validate
}
