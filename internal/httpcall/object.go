package httpcall

import (
	"bytes"
	"encoding/json"
	"errors"
	"unicode/utf8"
)

// Object is a JSON object of a vendor's answer. Its names count to the letter, and no two of them are alike, not even in
// another case: which of two would count is anybody's guess, and nobody is let in on a guess.
//
// It is a view of the answer, valid as long as that is. The zero Object has no members.
type Object struct{ members []member }

type member struct{ name, value []byte }

// mostMembers is far above what any vendor answers, and keeps the search for names that are alike short.
const mostMembers = 100

// The reasons for which there is no Object.
var (
	ErrNoObject  = errors.New("not a JSON object")
	ErrAmbiguous = errors.New("the JSON object has names that are alike, or too many")
)

// Object reads the body as exactly one JSON object: what a success is decided on.
func (a Answer) Object() (Object, error) { return ReadObject(a.Body) }

// ReadObject reads raw as exactly one JSON object.
func ReadObject(raw []byte) (Object, error) {
	if !json.Valid(raw) {
		return Object{}, ErrNoObject
	}
	return objectIn(bytes.TrimSpace(raw))
}

// Get returns the member of that name, to the letter; nil = there is none.
func (o Object) Get(name string) json.RawMessage {
	for _, m := range o.members {
		if string(m.name) == name {
			return m.value
		}
	}
	return nil
}

// Text returns the member of that name as a string; "" for what is none.
func (o Object) Text(name string) string {
	return String(o.Get(name))
}

// String returns a member as a string; "" for what is none.
func String(value json.RawMessage) string {
	if len(value) < 2 || value[0] != '"' {
		return ""
	}
	return string(unquote(value))
}

// Like returns the member of that name in whatever case; nil = there is none.
func (o Object) Like(name string) json.RawMessage {
	for _, m := range o.members {
		if bytes.EqualFold(m.name, []byte(name)) {
			return m.value
		}
	}
	return nil
}

// HasErrors reports whether o has a member "error" or "errors", in whatever case and whatever it holds. What has one is
// no success, whatever else it says.
func (o Object) HasErrors() bool { return o.Like("error") != nil || o.Like("errors") != nil }

// Object returns the member of that name as an object: the zero Object when it is absent or null.
func (o Object) Object(name string) (Object, error) {
	value := o.Get(name)
	if value == nil || string(value) == "null" {
		return Object{}, nil
	}
	return objectIn(value)
}

// objectIn reads valid JSON without space around it.
func objectIn(value []byte) (Object, error) {
	if value[0] != '{' {
		return Object{}, ErrNoObject
	}
	const usual = 8
	o := Object{members: make([]member, 0, usual)}
	for rest := value; ; {
		var name, member []byte
		if name, rest = cut(rest[1:]); len(name) == 0 {
			return o, nil
		}
		member, rest = cut(rest[1:])
		if !o.add(unquote(name), member) {
			return Object{}, ErrAmbiguous
		}
		if rest[0] == '}' {
			return o, nil
		}
	}
}

// add reports whether the name is like no other.
func (o *Object) add(name, value []byte) bool {
	for _, m := range o.members {
		if bytes.EqualFold(m.name, name) {
			return false
		}
	}
	o.members = append(o.members, member{name, value})
	return len(o.members) <= mostMembers
}

// cut returns the name or value at the head of s, which is inside of an object, and what follows it: a colon, a comma or
// the object's end.
func cut(s []byte) (head, rest []byte) {
	depth, inString, escaped := 0, false, false
	for i, c := range s {
		switch {
		case escaped:
			escaped = false
		case inString:
			inString, escaped = c != '"', c == '\\'
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ':' || c == ',' || c == '}'):
			return bytes.TrimSpace(s[:i]), s[i:]
		}
	}
	return nil, nil // not in valid JSON
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
