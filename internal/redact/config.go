package redact

import "fmt"

// Key returns the form in which a configured secret may be shown: whether it is set, and nothing else.
func Key(secret string) string {
	if secret == "" {
		return ""
	}
	return Masked
}

// Format prints masked, a copy of a value without its secrets and without its methods, under the verb and flags that a
// fmt.Formatter was called with.
func Format(s fmt.State, verb rune, masked any) {
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), masked)
}
