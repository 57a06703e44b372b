package guard

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// Sealer turns a Verification into a token that may live in a browser, in a form or a cookie, and
// back. Nobody can read or change it, or use it for another purpose or in another session, or
// later. A stolen key opens and makes all of them.
//
// A token can be opened more than once; that the code in it serves once is what a [Guard] sees to.
// A Sealer is safe for concurrent use.
type Sealer struct {
	keys func() []cipher.AEAD // a closure, so that nothing that prints a sealer shows them; the first one seals
}

// Binding is what a token is bound to. Open must be given the same.
type Binding struct {
	// Purpose is what the code is for, as in [Caller].
	Purpose string

	// Session is what the person's browser cannot choose, such as the id of its session on the server.
	// Without one, a token that is stolen can be used by anyone who has it.
	Session string
}

const (
	longestToken = 4 << 10
	mostKeys     = 16
	longestSeal  = 24 * time.Hour
	sealerKey    = 32
)

// NewSealer makes a sealer of keys of 32 bytes or more, from a random source: the first one seals,
// all of them open. To change keys, put the new one first everywhere, and drop the old one when the
// last token that it sealed has run out; with several machines, first add the new one at the end
// everywhere. 1 to 16 keys.
func NewSealer(keys ...[]byte) (*Sealer, error) {
	if len(keys) == 0 || len(keys) > mostKeys {
		return nil, check.Misconfigured("keys", "must be 1 to 16")
	}
	all := make([]cipher.AEAD, 0, len(keys))
	for _, key := range keys {
		if len(key) < sealerKey {
			return nil, check.Misconfigured("keys", "must have 32 bytes or more each")
		}
		aead, err := newAEAD(key)
		if err != nil {
			return nil, check.Misconfigured("keys", "cannot be used")
		}
		all = append(all, aead)
	}
	return &Sealer{keys: func() []cipher.AEAD { return all }}, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	derived, err := hkdf.Key(sha256.New, key, nil, "otp-go guard.Sealer", sealerKey)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// sealed is what a token holds.
type sealed struct {
	V     otp.Verification `json:"v"`
	Until time.Time        `json:"until"`
}

// Seal makes a token of v that can be opened for ttl, more than 0 and at most 24 hours. Error:
// [otp.ErrInvalidRequest], for a ttl out of range, or a verification without number or provider, or
// too long for a token of 4 KiB.
func (s *Sealer) Seal(v otp.Verification, to Binding, ttl time.Duration) (string, error) {
	if ttl <= 0 || ttl > longestSeal {
		return "", cannotSeal("ttl", "must be more than 0 and at most 24 h")
	}
	if s.keys == nil {
		return "", cannotSeal("keys", "are missing: use NewSealer")
	}
	if v.Provider == "" || v.To == "" {
		return "", cannotSeal("verification", "has no provider or no number")
	}
	plain, err := json.Marshal(sealed{V: v, Until: time.Now().Add(ttl)})
	if err != nil {
		return "", cannotSeal("verification", "cannot be written as JSON")
	}
	data := s.keys()[0].Seal(nil, nil, plain, to.data()) //nolint:gosec // the nonce is random, and made inside
	token := tokenText().EncodeToString(data)
	if len(token) > longestToken {
		return "", cannotSeal("verification", "is too long")
	}
	return token, nil
}

// Open returns what Seal was given. Every failure, whether the token was changed, is bound to
// something else, has run out or was sealed with a key that is gone, is the same error:
// [otp.ErrNotFound], which is [otp.ErrCodeRejected]. The person has to start again.
func (s *Sealer) Open(token string, boundTo Binding) (otp.Verification, error) {
	if s.keys == nil || len(token) > longestToken || strings.ContainsAny(token, "\r\n") { // the decoder would skip line ends
		return otp.Verification{}, cannotOpen()
	}
	data, err := tokenText().DecodeString(token)
	if err != nil {
		return otp.Verification{}, cannotOpen()
	}
	for _, key := range s.keys() {
		plain, err := key.Open(nil, nil, data, boundTo.data())
		if err != nil {
			continue
		}
		var content sealed
		if json.Unmarshal(plain, &content) != nil || !time.Now().Before(content.Until) {
			break
		}
		return content.V, nil
	}
	return otp.Verification{}, cannotOpen()
}

// tokenText reads one text only for any data.
func tokenText() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// data is what a token authenticates besides its content. Lengths are in it, so that nothing can
// move from one field to the next.
func (b Binding) data() []byte {
	data := []byte{1} // the version of this format
	for _, part := range []string{b.Purpose, b.Session} {
		data = binary.AppendUvarint(data, uint64(len(part)))
		data = append(data, part...)
	}
	return data
}

func cannotSeal(field, rule string) error {
	return &otp.Error{
		Op: "seal", Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule),
	}
}

func cannotOpen() error {
	return &otp.Error{Op: "open", Kind: otp.ErrNotFound, Outcome: otp.OutcomeNotSent}
}
