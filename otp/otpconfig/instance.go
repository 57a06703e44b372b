package otpconfig

import (
	"errors"
	"reflect"
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
	client, err := i.vendor.client(i.config, append(program[:len(program):len(program)], i.options()...)...)
	switch {
	case err != nil:
		return nil, err
	case client.Name() != i.name: // its verifications would not find back
		return nil, errors.New("the vendor's New does not heed otp.WithName")
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
