package otpsim

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"
)

// Digits is a random code of n digits; those with leading zeros are as likely as others.
func Digits(n int) string { return Random("0123456789", n) }

// Random is n characters of alphabet, 1 to 256 single-byte ones, each equally likely.
func Random(alphabet string, n int) string {
	fair := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	buf := make([]byte, 2*n)
	for len(out) < n {
		_, _ = rand.Read(buf) // never fails, see crypto/rand
		for _, b := range buf {
			if int(b) < fair && len(out) < n {
				out = append(out, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(out)
}

// UUID is a random (version 4) UUID.
func UUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// SameKey compares keys in constant time. It hashes first, so that not even the length shows.
func SameKey(got, want string) bool {
	g, w := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(g[:], w[:]) == 1
}

// SetKey sets a key of a simulator's account, unless key is "". A key that [CheckHeader] refuses is
// an error.
func SetKey(field *string, key string) error {
	if key != "" {
		*field = key
	}
	return CheckHeader(key)
}

// CheckHeader refuses a key that no header can carry: printable ASCII, no space at an end.
func CheckHeader(key string) error {
	if strings.TrimSpace(key) != key || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return errors.New("a key must be printable ASCII, without a space at either end")
	}
	return nil
}

// EachQuirk yields, for each boolean field of Q, a simulator's Quirks, its name and a Q in which
// that field alone is true. It panics if Q is no struct.
//
//	for name, quirks := range otpsim.EachQuirk[insidertest.Quirks]() { ... }
func EachQuirk[Q any]() iter.Seq2[string, Q] {
	return func(yield func(string, Q) bool) {
		kind := reflect.TypeFor[Q]()
		for i := range kind.NumField() {
			field := kind.Field(i)
			if field.Type.Kind() != reflect.Bool || !field.IsExported() {
				continue
			}
			var quirks Q
			reflect.ValueOf(&quirks).Elem().Field(i).SetBool(true)
			if !yield(field.Name, quirks) {
				return
			}
		}
	}
}
