package guard

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strings"
	"sync"

	"github.com/otp-sdk/otp-go/otp"
)

// keyring turns what a store must not see into keys.
type keyring struct {
	mac     func() hash.Hash // a closure, so that nothing that prints a guard shows the key
	hashers sync.Pool        // of *hasher
}

type hasher struct {
	mac hash.Hash
	buf []byte
}

func newKeyring(key []byte) *keyring {
	return &keyring{mac: func() hash.Hash { return hmac.New(sha256.New, key) }}
}

// take returns a hasher for one call. Put it back.
func (k *keyring) take() *hasher {
	if h, ok := k.hashers.Get().(*hasher); ok {
		return h
	}
	return &hasher{mac: k.mac()}
}

func (k *keyring) putBack(h *hasher) { k.hashers.Put(h) }

// id is 128 bits of an HMAC in base64, "" for nothing.
type id struct {
	text [22]byte
	set  bool
}

// id hashes the parts. Subject and lengths are hashed with them, so that nothing can be made to look like anything else.
func (h *hasher) id(subject subject, parts ...string) id {
	h.buf = append(h.buf[:0], byte(subject))
	for _, part := range parts {
		h.buf = binary.AppendUvarint(h.buf, uint64(len(part)))
		h.buf = append(h.buf, part...)
	}
	h.mac.Reset()
	_, _ = h.mac.Write(h.buf)
	clear(h.buf)
	h.buf = h.mac.Sum(h.buf[:0])
	made := id{set: true}
	base64.RawURLEncoding.Encode(made.text[:], h.buf[:16])
	return made
}

// subjects are what a call is about. What is not known is not set.
type subjects struct {
	ids    [subjectCount]id
	prefix string
}

// subjects are those that any call has.
func (h *hasher) subjects(number string, caller Caller) subjects {
	s := subjects{prefix: prefixOf(number)}
	s.ids[aNumber] = h.id(aNumber, number)
	s.ids[aNumberAndPurpose] = h.id(aNumberAndPurpose, number, caller.Purpose)
	return s
}

// sendSubjects are those of a send.
func (k *keyring) sendSubjects(number string, caller Caller) subjects {
	h := k.take()
	defer k.putBack(h)
	s := h.subjects(number, caller)
	s.ids[aRange] = h.id(aRange, rangeOf(number))
	if caller.IP.IsValid() {
		from := network(caller.IP).As16()
		s.ids[anIP] = h.id(anIP, string(from[:]))
	}
	if caller.Session != "" {
		s.ids[aSession] = h.id(aSession, caller.Session)
	}
	if caller.Device != "" {
		s.ids[aDevice] = h.id(aDevice, caller.Device)
	}
	return s
}

// trySubjects are those of a verification.
func (k *keyring) trySubjects(v otp.Verification, caller Caller) subjects {
	h := k.take()
	defer k.putBack(h)
	s := h.subjects(v.To, caller)
	s.ids[aVerification] = h.verification(v)
	return s
}

// unlockSubjects are those of a number, for no purpose.
func (k *keyring) unlockSubjects(number string) subjects {
	h := k.take()
	defer k.putBack(h)
	return h.subjects(number, Caller{})
}

// sent adds the verification of a send.
func (k *keyring) sent(s *subjects, v otp.Verification) {
	h := k.take()
	defer k.putBack(h)
	s.ids[aVerification] = h.verification(v)
}

// verification is the id of v. Of vendors that give no reference, the number is all there is. Where there is one the
// number is left out, and so is the reference's case, which a vendor may not look at: whoever can change them must not get
// further attempts by it.
func (h *hasher) verification(v otp.Verification) id {
	if v.ID == "" {
		return h.id(aVerification, v.Provider, "", v.To)
	}
	return h.id(aVerification, v.Provider, strings.ToLower(v.ID))
}

// known reports whether anything is known of a subject.
func (s *subjects) known(subject subject) bool {
	return subject == everybody || subject == aPrefix || s.ids[subject].set
}

// appendKey appends one key for a subject that is known.
func (s *subjects) appendKey(text []byte, name string, subject subject) []byte {
	text = append(text, name...)
	switch subject {
	case everybody:
		return text
	case aPrefix:
		return append(text, s.prefix...)
	default:
		return append(text, s.ids[subject].text[:]...)
	}
}

// key is one key for a subject that is known.
func (s *subjects) key(name string, subject subject) string {
	return string(s.appendKey(make([]byte, 0, 64), name, subject))
}
