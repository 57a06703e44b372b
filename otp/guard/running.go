package guard

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// What names of parts of a number's record, and of a verification's, begin with. Those of counters
// begin with others.
const (
	runningPart = "r" // of a number and purpose: what was sent, see sent
	knownPart   = "t" // of a number: it has verified a code
	ownerPart   = "o" // of a verification: guards have sent it
	usedPart    = "m" // of a verification: it, or another one of the same person, has succeeded
	spentPart   = "x" // of a verification: as many codes were tried as are allowed
)

// sent is one send that is remembered: the verification, the session that owns it, and what it has
// counted.
type sent struct {
	otp.Verification

	until   time.Time // when its code ends, as far as is known
	session uint64
	mark    int64
	passed  byte
	known   bool              // the caller was known for the number
	counted uint16            // bits of subjects
	ids     [len(personal)]id // of those that are not known from the number
}

// personal are the subjects that a number does not tell.
var personal = [...]subject{aSession, aDevice, anAddress, aSubnet, aNetwork} //nolint:gochecknoglobals // never changed

const sentVersion = 2

// write appends s, without its number, with its length before it.
func (s *sent) write(b []byte) []byte {
	const longest = 3 + 8 + 8 + 2 + len(personal)*len(id{}) + 3*8 + 3*binary.MaxVarintLen16
	start := len(b)
	body := append(slices.Grow(b, 2+longest+len(s.Provider)+len(s.ID)+len(s.Channel)), 0, 0) // for the length
	body = append(body, sentVersion, s.passed, 0)
	if s.known {
		body[len(body)-1] = 1
	}
	body = binary.BigEndian.AppendUint64(body, s.session)
	body = binary.BigEndian.AppendUint64(body, uint64(s.mark)) //nolint:gosec // read back as it was
	body = binary.BigEndian.AppendUint16(body, s.counted)
	for i, subject := range personal {
		if s.counted&(1<<subject) != 0 {
			body = append(body, s.ids[i][:]...)
		}
	}
	for _, at := range [...]time.Time{s.ExpiresAt, s.SentAt, s.until} {
		nanos := int64(0)
		if year := at.Year(); !at.IsZero() && year > 1700 && year < 2200 { // others do not fit
			nanos = at.UnixNano()
		}
		body = binary.BigEndian.AppendUint64(body, uint64(nanos)) // read back as it was
	}
	for _, text := range [...]string{s.Provider, s.ID, string(s.Channel)} {
		body = binary.AppendUvarint(body, uint64(len(text)))
		body = append(body, text...)
	}
	binary.BigEndian.PutUint16(body[start:], uint16(len(body)-start-2)) //nolint:gosec // too long for a value if it does not fit
	return body
}

// readSent is what was written for a number, the oldest first. What cannot be read ends it.
func readSent(data []byte, number string) []sent {
	var all []sent
	for len(data) > 0 {
		if len(data) < 2 || int(binary.BigEndian.Uint16(data)) > len(data)-2 {
			break
		}
		body := data[2 : 2+binary.BigEndian.Uint16(data)]
		data = data[2+len(body):]
		if s, ok := readOne(body); ok {
			s.To = number
			all = append(all, s)
		}
	}
	return all
}

// cut divides b after a text with its length before it.
func cut(b []byte) (text, rest []byte, ok bool) {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) { //nolint:gosec // not negative
		return nil, nil, false
	}
	return b[n : n+int(length)], b[n+int(length):], true //nolint:gosec // it is not more than there is
}

func readOne(b []byte) (s sent, ok bool) {
	const fixed = 3 + 8 + 8 + 2
	if len(b) < fixed || b[0] != sentVersion {
		return sent{}, false
	}
	s.passed, s.known = min(b[1], MostChallenges), b[2] != 0
	s.session = binary.BigEndian.Uint64(b[3:])
	s.mark = int64(binary.BigEndian.Uint64(b[11:])) //nolint:gosec // as it was written
	s.counted = binary.BigEndian.Uint16(b[19:])
	b = b[fixed:]
	for i, subject := range personal {
		if s.counted&(1<<subject) == 0 {
			continue
		}
		if len(b) < len(s.ids[i]) {
			return sent{}, false
		}
		s.ids[i], b = id(b), b[len(s.ids[i]):]
	}
	for _, at := range [...]*time.Time{&s.ExpiresAt, &s.SentAt, &s.until} {
		if len(b) < 8 {
			return sent{}, false
		}
		if nanos := int64(binary.BigEndian.Uint64(b)); nanos != 0 { //nolint:gosec // as it was written
			*at = time.Unix(0, nanos).UTC()
		}
		b = b[8:]
	}
	for _, field := range [...]*string{&s.Provider, &s.ID, (*string)(&s.Channel)} {
		text, rest, ok := cut(b)
		if !ok {
			return sent{}, false
		}
		*field, b = string(text), rest
	}
	return s, true
}

// live reports whether a code of s may still be typed.
func (s *sent) live() bool { return time.Until(s.until) > 0 }

// count notes what a send has counted.
func (s *sent) count(about *subjects, limits *limitSet, taken []Taken) {
	for i := range limits.n {
		t := limits.from[i]
		if taken[i].N == 0 {
			continue
		}
		s.mark, s.passed = taken[i].Mark, byte(taken[i].Passed) //nolint:gosec // 0 to 3
		switch t.rule {
		case RuleCooldown, RuleBudget: // the text is sent, no matter who types its code
			continue
		case RuleNumber:
			s.known = t.limit.With != 0
		}
		s.counted |= 1 << t.subject
	}
	for i, subject := range personal {
		s.ids[i] = about.ids[subject]
	}
}

// taken is what s has counted, to be given back. About is that of the number.
func (s *sent) taken(about subjects) []Taken {
	for i, subject := range personal {
		about.ids[subject] = s.ids[i]
	}
	var all []Taken
	for subject := range subjectCount {
		if s.counted&(1<<subject) == 0 {
			continue
		}
		part := ""
		switch {
		case subject == aNumber && s.known:
			part = "S"
		case subject == aNumber:
			part = "s"
		}
		all = append(all, Taken{
			Key: about.keyOf(subject, part, noTag), Mark: s.mark, Passed: int(s.passed), Kind: kindOf(about.country),
		})
	}
	return all
}
