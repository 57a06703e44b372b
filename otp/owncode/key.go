package owncode

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"math/bits"
	"sync"
)

// The alphabets of codes. The letters are those of RFC 8628, section 6.1: no vowels, so that they
// spell no words, and none that looks like another or like a digit.
const (
	digits  = "0123456789"
	letters = "BCDFGHJKLMNPQRSTVWXZ"
)

// longest is the length of the longest code. All codes of a length must be far fewer than 2^64.
func longest(ofLetters bool) int {
	if ofLetters {
		return 12
	}
	return 16
}

// tag says which key has made an id.
type tag [4]byte

// key is one key of a Config.
type key struct {
	tag  tag
	pool sync.Pool // of *hasher
}

type hasher struct {
	mac hash.Hash
	buf []byte
}

func newKey(secret []byte) *key {
	k := &key{}
	k.pool.New = func() any { return &hasher{mac: hmac.New(sha256.New, secret)} }
	sum := k.sum('k', nil, "", "")
	k.tag = tag(sum[:])
	return k
}

// sum is the HMAC of the parts. What they are for and their lengths are hashed with them, so that
// nothing can be made to look like anything else.
func (k *key) sum(what byte, i []byte, purpose, number string) [sha256.Size]byte {
	h := k.pool.Get().(*hasher) // the pool holds nothing else
	defer k.pool.Put(h)
	h.buf = append(append(h.buf[:0], what), i...)
	h.buf = binary.AppendUvarint(h.buf, uint64(len(purpose)))
	h.buf = append(append(h.buf, purpose...), number...)
	h.mac.Reset()
	_, _ = h.mac.Write(h.buf)
	clear(h.buf)
	h.buf = h.mac.Sum(h.buf[:0])
	return [sha256.Size]byte(h.buf)
}

// derived is what follows from an id, a number and a purpose: the code, and the names in a store of
// the attempts, of the use and of the send. These are one record: a store that loses one of them
// loses all. What is left of the HMAC when the code is cut from it names them, and says nothing
// about the code.
type derived struct {
	code              [16]byte
	length            int
	tried, used, sent string
	newest            string // the name of the newest id of the number and purpose
}

const nameText = 27 // "own", 22 characters of base64, "/" and a letter

func (k *key) derive(i id, purpose, number string) derived {
	sum := k.sum('c', i[:], purpose, number)
	var room [4 * nameText]byte
	text := k.appendNewest(room[:0], purpose, number)
	text = append(appendName(text, sum[16:]), "/t"...)
	text = append(appendName(text, sum[16:]), "/u"...)
	all := string(append(appendName(text, sum[16:]), "/s"...))
	d := derived{
		newest: all[:nameText], tried: all[nameText : 2*nameText], used: all[2*nameText : 3*nameText], sent: all[3*nameText:],
	}

	t := i.terms()
	d.code, d.length = cut(sum[:16], t.length, t.letters), t.length
	return d
}

// cut makes a code of 128 bits. What lies beyond the last whole multiple of the number of codes is
// less than one part in 2^64, so all codes are alike likely.
func cut(sum []byte, length int, ofLetters bool) (code [16]byte) {
	alphabet := digits
	if ofLetters {
		alphabet = letters
	}
	base, codes := uint64(len(alphabet)), uint64(1)
	for range length {
		codes *= base
	}
	_, n := bits.Div64(binary.BigEndian.Uint64(sum)%codes, binary.BigEndian.Uint64(sum[8:]), codes)
	for at := length - 1; at >= 0; at-- {
		code[at] = alphabet[n%base]
		n /= base
	}
	return code
}

func (k *key) appendNewest(text []byte, purpose, number string) []byte {
	sum := k.sum('n', nil, purpose, number)
	return append(appendName(text, sum[:16]), "/n"...)
}

func appendName(text, sum []byte) []byte {
	return base64.RawURLEncoding.AppendEncode(append(text, "own"...), sum)
}
