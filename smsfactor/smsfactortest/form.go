package smsfactortest

import (
	"encoding/json"
	"slices"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// form reads the fields of a request as the service does: what is wrong is repaired, what cannot be repaired
// is ignored. It notes both, so that a strict server can refuse them.
type form struct {
	*otpsim.Object
	quirks   Quirks
	known    []string // fields the operation has read
	repaired []string
	ignored  []string
	misfit   string // the first field that is in either list
}

// fit is how well a value suits its field.
type fit int

const (
	useless  fit = iota // not to be understood
	repaired            // understood after a cast, a guess or a strip
	exact               // as documented
)

// read reads an optional field. An empty string counts as absent (invented).
func read[T any](f *form, name string, fallback T, cast func(json.RawMessage) (T, fit)) T {
	f.known = append(f.known, name)
	if f.absent(name) {
		return fallback
	}
	value, how := cast(f.Raw(name))
	f.note(name, how)
	if how == useless {
		return fallback
	}
	return value
}

func (f *form) absent(name string) bool { return !f.Has(name) || string(f.Raw(name)) == `""` }

func (f *form) note(name string, how fit) {
	switch how {
	case useless:
		f.ignored = append(f.ignored, name)
	case repaired:
		f.repaired = append(f.repaired, name)
	}
	if how != exact && f.misfit == "" {
		f.misfit = name
	}
}

// finish notes the fields that the operation does not have. It returns the field that a strict server refuses;
// "" = none.
func (f *form) finish() (refused string) {
	for _, name := range f.Unknown(f.known...) {
		f.note(name, useless)
	}
	f.repaired = slices.DeleteFunc(f.repaired, func(name string) bool { return slices.Contains(f.ignored, name) })
	slices.Sort(f.repaired)
	slices.Sort(f.ignored)
	f.ignored = slices.Compact(f.ignored)
	if !f.quirks.Strict {
		return ""
	}
	return f.misfit
}

// phone reads phone_number, in international form; "" = absent or useless.
func (f *form) phone() string { return read(f, "phone_number", "", castPhone) }
