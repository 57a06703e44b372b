package settings

import "regexp"

// NameRule is what a name must be.
const NameRule = `1 to 64 letters, digits, "-", "_" or ".", the first a letter or digit`

var validName = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z`)

// IsName reports whether an instance can be called so: a client, a router, or a provider in a file.
func IsName(name string) bool { return validName.MatchString(name) }
