package otpconfig

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// instance is one provider of a configuration, read and checked.
type instance struct {
	name, vendorName string
	vendor           *vendor
	config           any // the vendor's Config
	settings         common
}

// build makes the provider. What the file says goes before what the program's options say.
func (i *instance) build(program []otp.Option) (otp.Provider, error) {
	var set *otp.Settings
	options := slices.Concat(program, i.options(), []otp.Option{func(s *otp.Settings) error {
		set = s
		return nil
	}})
	client, err := i.vendor.client(i.config, options...)
	switch {
	case err != nil:
		return nil, err
	case set == nil:
		return nil, errors.New("the vendor's New ignores its options: it has to read them with otp.Apply")
	case client.Name() != i.name: // its verifications would not find back
		return nil, errors.New("the vendor's New ignores otp.WithName")
	case len(set.Unused()) > 0:
		return nil, fmt.Errorf("the vendor's New ignores %s_limit", set.Unused()[0])
	case i.settings.Breaker == nil:
		return client, nil
	}
	return i.settings.Breaker.around(client)
}

// fault is what build refused: the field, and the rule, in which no secret is left whoever wrote it.
func (i *instance) fault(err error) (field, rule string) {
	field, rule = "", err.Error()
	var failure *otp.Error
	if errors.As(err, &failure) {
		field, rule = failure.Field, failure.Kind.Error()
		if failure.Err != nil {
			rule = failure.Err.Error()
		}
	}
	masker := redact.NewMasker(i.secrets(), "", "")
	return masker.Text(field), masker.Text(rule)
}

func (i *instance) secrets() []string {
	var secrets []string
	config := reflect.ValueOf(i.config)
	for _, f := range i.vendor.fields {
		if f.secret {
			secrets = append(secrets, config.Field(f.index).String())
		}
	}
	return secrets
}

// path is where the instance, or a field of it, stands in the file.
func (i *instance) path(field string) string {
	return strings.TrimSuffix("providers."+i.name+"."+field, ".")
}
