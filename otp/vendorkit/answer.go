package vendorkit

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// Answer is one answer of the vendor: whole, and at most 1 MiB.
type Answer struct {
	// Status is the HTTP status, and Header the headers, as they came.
	Status int
	Header http.Header

	Body []byte // empty when it could not be read to its end. It is valid only while the answer is read

	x       *exchange
	members *[]member // of the objects in it
}

// Object reads the body as exactly one JSON object: what a success is decided on.
func (a Answer) Object() (Object, error) {
	if !json.Valid(a.Body) {
		return Object{}, errNoObject
	}
	if a.members == nil {
		const usual = 8
		all := make([]member, 0, usual)
		a.members = &all
	}
	return objectIn(bytes.TrimSpace(a.Body), a.members)
}

// Decode reads the body as encoding/json does: for texts of failures, not for a success.
func (a Answer) Decode(into any) error { return json.Unmarshal(a.Body, into) }

// Text makes a text of the vendor fit for an error: secrets masked, URLs cut to their host,
// escaped, cut to 200 bytes. So is what may be a code that only the vendor knows.
func (a Answer) Text(s string) string {
	if a.x == nil {
		return redact.Quote(s)
	}
	return a.x.text(s)
}

// Sent keeps the vendor's reference for a send, and for how long the code is valid; 0 = as asked
// for. [Provider.Send] puts both into its Verification; in a failure it is a sign of success.
func (a Answer) Sent(reference string, ttl time.Duration) {
	if a.x == nil {
		return
	}
	a.x.reference = cmp.Or(reference, a.x.reference)
	a.x.lifetime = cmp.Or(ttl, a.x.lifetime)
}

// maxBody bounds an answer, also after decompression.
const maxBody = 1 << 20

var (
	errBodyTooLong = errors.New("the answer is longer than 1 MiB")
	errEncoding    = errors.New("the answer is compressed in a way that nobody has asked for")
)

func (x *exchange) readBody(into *bytes.Buffer, resp *http.Response) (err error) {
	defer resp.Body.Close() //nolint:errcheck // what there was to read has been read
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil // the "body" is the connection itself, which no context ends
	}
	var from io.Reader = resp.Body
	switch strings.ToLower(resp.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip": // though "identity" was asked for
		if from, err = gzip.NewReader(from); err != nil {
			return err
		}
	default:
		return errEncoding
	}
	x.limited = io.LimitedReader{R: from, N: maxBody + 1}
	_, err = into.ReadFrom(&x.limited)
	if err == nil && into.Len() > maxBody {
		return errBodyTooLong
	}
	return err
}

// Read and Close make an attempt the body of its answer, which ends with it.
func (a *attempt) Read(p []byte) (int, error) {
	n, err := a.body.Read(p)
	if n == 0 && err == nil {
		err = a.Err()
	}
	return n, err
}

// Close closes the body of the answer.
func (a *attempt) Close() error { return a.body.Close() }

// scratch is what an answer is read into. It is kept for the next one.
type scratch struct {
	bytes.Buffer

	members []member
}

const keptScratch = 64 << 10

func (k *core) scratch() *scratch {
	if s, ok := k.scratches.Get().(*scratch); ok {
		return s
	}
	s := &scratch{members: make([]member, 0, 16)}
	s.Grow(1 << 10)
	return s
}

// recycle wipes what an answer was read into, which may hold a code, and keeps it.
func (k *core) recycle(s *scratch) {
	if s.Cap() > keptScratch {
		return
	}
	clear(s.Bytes())
	clear(s.members)
	s.Reset()
	s.members = s.members[:0]
	k.scratches.Put(s)
}

// Object is a JSON object of a vendor's answer. Names count to the letter, and no two may be alike
// in another case: nobody is let in on a guess which counts. It is valid as long as the answer is.
// The zero Object has no members.
type Object struct {
	members []member
	all     *[]member // and those of the answer's other objects
}

type member struct{ name, value []byte }

// mostMembers is far above what any vendor answers, and keeps the search for names that are alike
// short.
const mostMembers = 100

// The reasons for which there is no Object.
var (
	errNoObject  = errors.New("not a JSON object")
	errAmbiguous = errors.New("the JSON object has names that are alike, or too many")
)

// Get returns the member of that name, to the letter; nil = there is none.
func (o Object) Get(name string) json.RawMessage {
	for _, m := range o.members {
		if string(m.name) == name {
			return m.value
		}
	}
	return nil
}

// Text returns the member of that name, which has to be a string; "" for any other.
func (o Object) Text(name string) string {
	return textOf(o.Get(name))
}

func textOf(value []byte) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	return string(unquote(value))
}

// Scalar returns the member of that name as text: a string, or a number as it is written; "" for
// any other.
func (o Object) Scalar(name string) string {
	value := o.Get(name)
	if len(value) > 0 && (value[0] == '-' || value[0] >= '0' && value[0] <= '9') {
		return string(value)
	}
	return textOf(value)
}

// Like returns the member of that name in whatever case; nil = none. It is for signs of a success.
func (o Object) Like(name string) json.RawMessage { return o.like([]byte(name)) }

func (o Object) like(name []byte) json.RawMessage {
	for _, m := range o.members {
		if bytes.EqualFold(m.name, name) {
			return m.value
		}
	}
	return nil
}

// Has reports whether o has a member of that name, in whatever case, that is neither null nor "".
func (o Object) Has(name string) bool {
	value := string(o.Like(name))
	return value != "" && value != "null" && value != `""`
}

// HasErrors reports whether o has a member "error" or "errors", in whatever case, that is not null,
// false, "", [] or {}; or a "success" that is false. An answer with errors is no success.
func (o Object) HasErrors() bool {
	return saysSomething(o.Like("error")) || saysSomething(o.Like("errors")) || string(o.Like("success")) == "false"
}

func saysSomething(value []byte) bool {
	switch string(value) {
	case "", "null", "false":
		return false
	}
	isEmpty := strings.IndexByte(`"[{`, value[0]) >= 0 && len(bytes.TrimSpace(value[1:len(value)-1])) == 0
	return !isEmpty
}

// Object returns the member of that name as an object: the zero Object when it is absent or null.
func (o Object) Object(name string) (Object, error) {
	value := o.Get(name)
	if value == nil || string(value) == "null" {
		return Object{}, nil
	}
	return objectIn(value, o.all)
}

// First returns the first element of an array as an object: the zero Object when there is none.
func (o Object) First(name string) (Object, error) {
	value := o.Get(name)
	if len(value) == 0 || value[0] != '[' {
		return Object{}, nil
	}
	first, _ := cut(value[1:])
	if len(first) == 0 {
		return Object{}, nil
	}
	return objectIn(first, o.all)
}

// objectIn reads valid JSON without space around it. It appends the object's members to all.
func objectIn(value []byte, all *[]member) (Object, error) {
	if value[0] != '{' {
		return Object{}, errNoObject
	}
	o, first := Object{all: all}, len(*all)
	for rest := value; rest[0] != '}'; {
		var m member
		if m.name, rest = cut(rest[1:]); len(m.name) == 0 {
			break
		}
		m.name = unquote(m.name)
		m.value, rest = cut(rest[1:])
		if o.like(m.name) != nil || len(o.members) == mostMembers {
			return Object{}, errAmbiguous
		}
		*all = append(*all, m)
		o.members = (*all)[first:len(*all):len(*all)]
	}
	return o, nil
}

// cut returns the name or value at the head of s, and what follows: a colon, a comma, or an end.
func cut(s []byte) (head, rest []byte) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			i += endOfString(s[i:])
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ':' || c == ',' || c == '}' || c == ']'):
			return bytes.TrimSpace(s[:i]), s[i:]
		}
	}
	return nil, nil // not in valid JSON
}

func endOfString(s []byte) int {
	for i := 1; ; i++ {
		i += bytes.IndexByte(s[i:], '"')
		if escapes := i - len(bytes.TrimRight(s[:i], `\`)); escapes%2 == 0 {
			return i
		}
	}
}

// unquote is what a JSON string means. Most mean what they show.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 && utf8.Valid(quoted) {
		return quoted[1 : len(quoted)-1]
	}
	var meant string
	_ = json.Unmarshal(quoted, &meant) // it is a string
	return []byte(meant)
}
