package otpsim

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
)

// Object is a JSON object read the strict way: names count letter for letter, a string is not a
// number, 6.0 is no integer, and null counts as absent. The typed readers return zero for absent
// members and those of another type, which Mistyped names: read all first, and look for mistakes
// once.
type Object struct {
	members  map[string]json.RawMessage
	mistyped string
}

// ParseObject reads exactly one JSON object. With an error, the Object is empty.
func ParseObject(body []byte) (*Object, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return new(Object), err
	}
	if members == nil { // the literal null
		return new(Object), errors.New("not a JSON object")
	}
	return newObject(members), nil
}

func newObject(members map[string]json.RawMessage) *Object {
	maps.DeleteFunc(members, func(_ string, raw json.RawMessage) bool { return string(raw) == "null" })
	return &Object{members: members}
}

// Has says whether a member is there and not null.
func (o *Object) Has(name string) bool { return o.members[name] != nil }

// Raw is a member as it was written, for values that may have several types; nil when absent.
func (o *Object) Raw(name string) json.RawMessage { return o.members[name] }

// String reads a JSON string.
func (o *Object) String(name string) string { return member[string](o, name) }

// Int reads a JSON number without fraction and exponent.
func (o *Object) Int(name string) int { return member[int](o, name) }

// Bool reads true or false.
func (o *Object) Bool(name string) bool { return member[bool](o, name) }

// Object reads a JSON object; an absent one is empty. Its Mistyped is about what is inside.
func (o *Object) Object(name string) *Object {
	return newObject(member[map[string]json.RawMessage](o, name))
}

// Mistyped names the first member that was asked for as a type it is not; "" = none.
func (o *Object) Mistyped() string { return o.mistyped }

// Unknown lists the members that are not among the known names, sorted.
func (o *Object) Unknown(known ...string) []string {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(o.members)) {
		if !slices.Contains(known, name) {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

func member[T any](o *Object, name string) T {
	var value, zero T
	raw := o.members[name]
	if raw == nil {
		return zero
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		if o.mistyped == "" {
			o.mistyped = name
		}
		return zero
	}
	return value
}
