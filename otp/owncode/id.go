package owncode

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// id is the reference of a code: random bytes, and what has to be known to check the code. It is no
// secret, and nobody can change it: the code is derived from all of it, and the store holds it.
//
//	0 to 14   random
//	15 to 18  the tag of the key
//	19        the length, and letters in the highest bit
//	20        the attempts
//	21 to 23  the lifetime in seconds
//	24 to 29  when it was made, in milliseconds since 1970
type id [30]byte

const (
	idText     = 40 // characters of an id in base64
	lettersBit = 0x80

	longestTTL   = 24 * time.Hour
	mostAttempts = 10
)

// terms are what was asked for.
type terms struct {
	length, attempts int
	letters          bool
	ttl              time.Duration
}

func newID(tag tag, t terms, made time.Time) id {
	var i id
	_, _ = rand.Read(i[:15]) // never fails
	copy(i[15:], tag[:])
	i[19], i[20] = byte(t.length), byte(t.attempts) //nolint:gosec // both are checked to be small
	if t.letters {
		i[19] |= lettersBit
	}
	var wide [8]byte
	binary.BigEndian.PutUint64(wide[:], uint64(t.ttl/time.Second)) //nolint:gosec // positive
	copy(i[21:], wide[5:])
	binary.BigEndian.PutUint64(wide[:], uint64(made.UnixMilli()))
	copy(i[24:], wide[2:])
	return i
}

// parseID reads what String writes. False means that it is none of ours.
func parseID(text string) (i id, ok bool) {
	var encoded [idText]byte
	if len(text) != idText {
		return id{}, false
	}
	copy(encoded[:], text)
	_, err := base64.RawURLEncoding.Decode(i[:], encoded[:])
	t := i.terms()
	possible := t.length >= 1 && t.length <= longest(t.letters) && t.attempts >= 1 && t.attempts <= mostAttempts &&
		t.ttl > 0 && t.ttl <= longestTTL
	return i, err == nil && possible
}

func (i id) String() string { return base64.RawURLEncoding.EncodeToString(i[:]) }

func (i id) tag() tag { return tag(i[15:19]) }

func (i id) terms() terms {
	return terms{
		length: int(i[19] &^ lettersBit), letters: i[19]&lettersBit != 0, attempts: int(i[20]),
		ttl: time.Duration(uint32(i[21])<<16|uint32(i[22])<<8|uint32(i[23])) * time.Second,
	}
}

func (i id) made() time.Time {
	var wide [8]byte
	copy(wide[2:], i[24:])
	return time.UnixMilli(int64(binary.BigEndian.Uint64(wide[:]))).UTC() //nolint:gosec // 48 bits
}

func (i id) expires() time.Time { return i.made().Add(i.terms().ttl) }
