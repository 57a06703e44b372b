package otpconfig

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/route"
)

// Registry is the vendors that a configuration may name. [Vendors] returns one with all of this
// module; the zero Registry has none. Register first and read configurations then: a Registry is
// safe for concurrent use once nobody registers.
type Registry struct {
	// LookupEnv is where ${NAME} in a file is read from. Nil = os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	// Stores are those that a file may name, for a guard and own codes, so that several processes can
	// share them.
	Stores map[string]guard.Store
	// Limiters are those that a file may name as send_limiter and verify_limiter.
	Limiters map[string]otp.Limiter
	// LearningStores are those that a learning strategy may name.
	LearningStores map[string]route.LearningStore
	// StandIns puts memory in the place of a store that is missing above, and no limit in that of a
	// limiter. It is for tools that look at the file of another program.
	StandIns bool
	// Guard are further options for the guard of a file, which come after its own: hooks, for one.
	Guard []guard.Option

	vendors map[string]*vendor
}

type vendor struct {
	config reflect.Type
	fields []field
	new    func(config any, opts ...otp.Option) (otp.Provider, error)
}

var vendorName = regexp.MustCompile(`\A[a-z][a-z0-9_]{0,31}\z`)

// Register adds a vendor of your own under a name that files then have as vendor: 1 to 32 small
// letters, digits and "_", the first a letter. newClient is the vendor's New.
//
// C is a struct whose yaml tags name its fields in a file; those without omitempty are required.
// Fields may be texts, numbers, booleans, durations, encoding.TextUnmarshalers, and structs, slices
// and pointers of these. A text with the tag mask:"secret", or that json.Marshal of a C does not
// show, is a secret: api_key may be given as api_key_file, too.
//
// What cannot be registered is otp.ErrMisconfigured: a nil newClient, a name that is taken, a C
// that cannot be read.
func Register[C any, P otp.Provider](r *Registry, name string, newClient func(C, ...otp.Option) (P, error)) error {
	if newClient == nil {
		return misconfigured("vendor", "must come with its New, not nil")
	}
	return r.add(name, vendor{
		config: reflect.TypeFor[C](),
		new: func(config any, opts ...otp.Option) (otp.Provider, error) {
			return newClient(config.(C), opts...)
		},
	})
}

func (r *Registry) add(name string, v vendor) (err error) {
	defer noPanic(&err)
	switch {
	case r == nil:
		return misconfigured("vendor", "must be registered at a Registry, not nil")
	case !vendorName.MatchString(name):
		return misconfigured("vendor", `must have a name of 1 to 32 small letters, digits and "_", the first a letter`)
	case r.vendors[name] != nil:
		return misconfigured("vendor", name+" is registered already")
	}
	if v.fields, err = fieldsOf(v.config); err != nil {
		return misconfigured("vendor", err.Error())
	}
	for _, name := range append(names(settingsFields()), "vendor") {
		if slices.Contains(names(v.fields), name) {
			return misconfigured("vendor", fmt.Sprintf("%s must not have a field called %s: every provider has one", v.config, name))
		}
	}
	if r.vendors == nil {
		r.vendors = make(map[string]*vendor)
	}
	r.vendors[name] = &v
	return nil
}

func (r *Registry) lookup() lookup {
	if r.LookupEnv != nil {
		return r.LookupEnv
	}
	return os.LookupEnv
}

// isOwn reports whether the codes are made here, and travel through another provider.
func (v *vendor) isOwn() bool { return v != nil && v.config == reflect.TypeFor[ownCode]() }

func (r *Registry) allFields() []field {
	var all []field
	known := make(map[string]bool)
	for _, name := range r.names() {
		for _, f := range r.vendors[name].fields {
			if !known[f.name] {
				known[f.name] = true
				all = append(all, f)
			}
		}
	}
	return all
}

func (r *Registry) names() []string { return slices.Sorted(maps.Keys(r.vendors)) }

// client calls the vendor's New, which may be anybody's.
func (v *vendor) client(config any, opts ...otp.Option) (client otp.Provider, err error) {
	client, err = safely.Value(func() (otp.Provider, error) { return v.new(config, opts...) })
	switch {
	case errors.Is(err, safely.ErrPanicked):
		return nil, errors.New("the vendor's New panicked")
	case err == nil && check.IsNil(client):
		return nil, errors.New("the vendor's New returned no provider")
	}
	return client, err
}
