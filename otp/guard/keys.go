package guard

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"hash/fnv"
	"net/netip"
	"strings"
	"sync"

	"github.com/otp-sdk/otp-go/otp"
)

// keyring turns what a store must not see into keys.
type keyring struct {
	hashers    sync.Pool // of *hasher; its New has the key, so that nothing that prints a guard shows it
	workspaces sync.Pool // of *workspace, here because guards may be copied
}

type hasher struct {
	mac hash.Hash
	buf []byte
}

func newKeyring(key []byte) *keyring {
	k := &keyring{workspaces: sync.Pool{New: func() any { return new(workspace) }}}
	k.hashers.New = func() any { return &hasher{mac: hmac.New(sha256.New, key)} }
	return k
}

// take returns a hasher for one call. Put it back.
func (k *keyring) take() *hasher { return k.hashers.Get().(*hasher) }

// id is 128 bits of an HMAC.
type id [16]byte

// id hashes the parts. Subject and lengths are hashed with them, so that nothing can be made to
// look like anything else.
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
	return id(h.buf[:16])
}

// subjects are what a call is about. What is not known is not set.
type subjects struct {
	ids     [subjectCount]id
	set     [subjectCount]bool
	country string
	purpose uint64 // a hash: purposes are constants of the program
}

func (s *subjects) add(subject subject, id id) { s.ids[subject], s.set[subject] = id, true }

// begin sets what any call has.
func (s *subjects) begin(h *hasher, number string, caller Caller) {
	s.set[everybody], s.set[newCountries], s.set[aCountry] = true, true, true
	s.country = countryOf(number)
	s.add(aNumber, h.id(aNumber, number))
	s.add(aBlock, h.id(aBlock, blockOf(number)))
	hashed := fnv.New64a()
	_, _ = hashed.Write([]byte(caller.Purpose))
	s.purpose = hashed.Sum64()
	if caller.Session != "" {
		s.add(aSession, h.id(aSession, caller.Session))
	}
	if caller.Device != "" {
		s.add(aDevice, h.id(aDevice, caller.Device))
	}
}

// send sets what a send is about.
func (k *keyring) send(s *subjects, number string, caller Caller) {
	h := k.take()
	defer k.hashers.Put(h)
	s.begin(h, number, caller)
	if caller.IP.IsValid() {
		s.address(h, caller.IP)
	}
}

// address sets an address and, in IPv6, the networks around it.
func (s *subjects) address(h *hasher, ip netip.Addr) {
	ip = ip.Unmap().WithZone("")
	add := func(subject subject, bits int) {
		network, _ := ip.Prefix(bits) // an address has as many
		from := network.Addr().As16()
		s.add(subject, h.id(subject, string(from[:])))
	}
	if ip.Is4() {
		add(anAddress, 32)
		return
	}
	add(anAddress, 64)
	add(aSubnet, 56)
	add(aNetwork, 48)
}

// try sets what a verification is about.
func (k *keyring) try(s *subjects, v otp.Verification, caller Caller) {
	h := k.take()
	defer k.hashers.Put(h)
	s.begin(h, v.To, caller)
	s.addReference(h, v)
}

// sent puts the verification of a send in place of the one before.
func (k *keyring) sent(s *subjects, v otp.Verification) {
	h := k.take()
	defer k.hashers.Put(h)
	s.addReference(h, v)
}

// addReference sets the id of v. The number is left out, and so is the case of the vendor's
// reference, which a vendor may not look at: anyone who can change them must not get further
// attempts by it.
func (s *subjects) addReference(h *hasher, v otp.Verification) {
	s.ids[aReference], s.set[aReference] = h.id(aReference, v.Provider, strings.ToLower(v.ID)), v.ID != ""
}

// recordNames are the first letters of records.
const recordNames = "enbcwsdiklr"

// key appends the key of one part of a subject's record.
func (s *subjects) key(text []byte, subject subject, part string, tag tag) []byte {
	text = append(text, recordNames[subject])
	switch subject {
	case everybody, newCountries:
	case aCountry:
		text = append(text, s.country...)
	default:
		text = base64.RawURLEncoding.AppendEncode(text, s.ids[subject][:])
	}
	if part == "" {
		return text
	}
	text = append(append(text, '/'), part...)
	switch tag {
	case ofPurpose:
		return appendTag(text, s.purpose)
	case ofGroup:
		return appendTag(text, s.purpose+s.session())
	default:
		return text
	}
}

// keyOf is one key as a text of its own.
func (s *subjects) keyOf(subject subject, part string, tag tag) string {
	return string(s.key(make([]byte, 0, 48), subject, part, tag))
}

// callerKey is the part of a number's record that says that a caller is known for it: a device,
// else a session. "" = the caller says neither.
func (s *subjects) callerKey(text []byte) []byte {
	from := aDevice
	if !s.set[aDevice] {
		from = aSession
	}
	if !s.set[from] {
		return text
	}
	return appendTag(s.key(text, aNumber, "k", noTag), binary.BigEndian.Uint64(s.ids[from][:]))
}

// session tells sessions of one number apart.
func (s *subjects) session() uint64 { return binary.BigEndian.Uint64(s.ids[aSession][:]) }

// referenceKey is a value about one verification. One without a reference is kept with the number.
func (s *subjects) referenceKey(name string) string {
	if s.set[aReference] {
		return s.keyOf(aReference, name, noTag)
	}
	return s.keyOf(aNumber, name, ofPurpose)
}

const tagLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// appendTag appends 30 bits of v.
func appendTag(text []byte, v uint64) []byte {
	for shift := 34; shift < 64; shift += 6 {
		text = append(text, tagLetters[v>>shift&63])
	}
	return text
}

// kindOf is a country as [Load.Kinds] tells it apart.
func kindOf(country string) uint16 {
	var n uint16
	for i := range len(country) {
		n = n*31 + uint16(country[i])
	}
	return n
}
