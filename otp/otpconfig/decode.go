package otpconfig

import (
	"encoding"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// decoder fills structs from the tree. It reports every value that does not fit, by its path, and
// never shows it.
type decoder struct{ *problems }

// target is a struct to fill, and its fields. Without a value the fields are only known.
type target struct {
	value  reflect.Value
	fields []field
}

// structs fills the targets from one mapping, to which each field of them may belong.
func (d decoder) structs(path string, n *node, targets ...target) {
	if n.kind == broken {
		return
	}
	if n.kind != mapping {
		d.wrong(path, n, mapping)
		return
	}
	var known []string
	for _, to := range targets {
		known = append(known, names(to.fields)...)
		if to.value.IsValid() {
			for _, f := range to.fields {
				d.field(path, n, f, to.value.Field(f.index))
			}
		}
	}
	d.refuseOthers(path, n, known)
}

func (d decoder) field(path string, n *node, f field, v reflect.Value) {
	m := n.member(f.name)
	path += "." + f.name
	switch {
	case m == nil && f.required && f.secret:
		d.add(path, n.placeOf(f.name), "is missing; give it, or "+f.fileField())
	case m == nil && f.required:
		d.add(path, n.placeOf(f.name), "is missing")
	case m == nil:
	case f.required && m.isText && m.kind != broken && m.literal == "":
		d.add(path, m.at, "must not be empty")
	case f.secret && m.isText:
		unquoted := *m
		unquoted.literal = withoutQuotes(m.literal)
		d.value(path, &unquoted, v)
	default:
		d.value(path, m, v)
	}
}

// withoutQuotes is a secret without the quotes that some tools leave around it, and without a byte
// order mark.
func withoutQuotes(secret string) string {
	secret = strings.TrimPrefix(secret, byteOrderMark)
	if last := len(secret) - 1; last > 0 && secret[0] == secret[last] && (secret[0] == '"' || secret[0] == '\'') {
		return secret[1:last]
	}
	return secret
}

func (d decoder) refuseOthers(path string, n *node, known []string) {
	isKnown := set(known)
	for _, m := range n.members {
		if !isKnown[m.name] && !isExtension(path, m.name) {
			d.addUnknown(join(path, m.name), m.at, "is no field", m.name, known)
		}
	}
}

func (d decoder) wrong(path string, n *node, want kind) {
	switch n.kind {
	case broken:
	case empty:
		d.addf(path, n.at, "has no value; it must be %s, or be left out", want)
	default:
		d.addf(path, n.at, "must be %s, not %s", want, n.kind)
	}
}

func (d decoder) value(path string, n *node, v reflect.Value) {
	t := v.Type()
	switch {
	case n.kind == broken:
	case t.Kind() == reflect.Pointer:
		v.Set(reflect.New(t.Elem()))
		d.value(path, n, v.Elem())
	case isDuration(t):
		d.duration(path, n, v)
	case readsText(t):
		d.unmarshaler(path, n, v)
	case t.Kind() == reflect.Struct:
		fields, _ := fieldsOf(t) // checked when the vendor was registered
		d.structs(path, n, target{v, fields})
	case t.Kind() == reflect.Slice:
		d.list(path, n, v)
	case t.Kind() == reflect.String:
		if !n.isText {
			d.wrong(path, n, text)
			return
		}
		v.SetString(n.literal)
	default:
		d.scalar(path, n, v)
	}
}

func (d decoder) list(path string, n *node, v reflect.Value) {
	if n.kind != list {
		d.wrong(path, n, list)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		d.value(index(path, i), item, v.Index(i))
	}
}

func (d decoder) duration(path string, n *node, v reflect.Value) {
	duration, err := time.ParseDuration(n.literal)
	if !n.isText || err != nil {
		d.add(path, n.at, `must be a duration such as "5s" or "2m30s"`)
		return
	}
	v.SetInt(int64(duration))
}

func (d decoder) unmarshaler(path string, n *node, v reflect.Value) {
	if !n.isText {
		d.wrong(path, n, text)
		return
	}
	err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(n.literal))
	switch {
	case err == nil:
	case isRate(v.Type()):
		d.add(path, n.at, `must be a rate such as "250/1m", or "unlimited"`)
	case v.Type() == reflect.TypeFor[time.Time]():
		d.add(path, n.at, `must be a time such as "2027-01-31T00:00:00Z"`)
	default:
		d.add(path, n.at, "must be text that "+v.Type().String()+" can read") // its own error may quote the value
	}
}

// scalar fills a number or a boolean. Only text from the environment is read as one: a quoted "6"
// in a file is text.
func (d decoder) scalar(path string, n *node, v reflect.Value) {
	want, rule := number, "must be a whole number in range"
	var err error
	switch v.Kind() {
	case reflect.Bool:
		want, rule = boolean, "must be true or false"
		if v.SetBool(n.literal == "true"); !v.Bool() && n.literal != "false" {
			err = strconv.ErrSyntax
		}
	case reflect.Float64, reflect.Float32:
		var x float64
		rule = "must be a number in range"
		if x, err = strconv.ParseFloat(n.literal, v.Type().Bits()); math.IsNaN(x) || math.IsInf(x, 0) {
			x, err = 0, strconv.ErrRange // NaN is never equal to itself: a Watch would see a change in it for ever
		}
		v.SetFloat(x)
	case reflect.Uint, reflect.Uint64, reflect.Uint32, reflect.Uint16, reflect.Uint8:
		var u uint64
		u, err = strconv.ParseUint(n.literal, 10, v.Type().Bits())
		v.SetUint(u)
	default:
		var i int64
		i, err = strconv.ParseInt(n.literal, 10, v.Type().Bits())
		v.SetInt(i)
	}
	switch {
	case n.kind != want && !n.loose:
		d.wrong(path, n, want)
	case err != nil:
		d.add(path, n.at, rule)
	}
}
