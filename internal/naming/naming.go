// Package naming holds the rules for the names of instances, and for references and keys.
package naming

import "regexp"

// Rule is what a name must be.
const Rule = `1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit`

var valid = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z`)

// IsValid reports whether an instance can be called so.
func IsValid(s string) bool { return valid.MatchString(s) }

// IsPrintable reports whether s is printable ASCII without spaces.
func IsPrintable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
