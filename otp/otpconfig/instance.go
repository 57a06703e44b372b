package otpconfig

import (
	"errors"
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
func (i *instance) build(shared *otp.Shared, program []otp.Option) (client otp.Provider, err error) {
	var read applied
	client, err = i.vendor.client(i.config, slices.Concat([]otp.Option{otp.WithShared(shared)}, program, i.options(), []otp.Option{read.option})...)
	if err != nil {
		return nil, err
	}
	if err = i.refuseIgnored(client, read); err != nil {
		return nil, err
	}
	if i.settings.Breaker != nil {
		if client, err = i.settings.Breaker.around(client, read[0].Shared); err != nil {
			return nil, err
		}
	}
	if i.settings.Channels != nil {
		return onChannels(client, i.settings.Channels)
	}
	return client, nil
}

// applied are the settings that a vendor's New has read, each time that it did.
type applied []*otp.Settings

func (a *applied) option(s *otp.Settings) error {
	*a = append(*a, s)
	return nil
}

// refuseIgnored refuses a vendor whose New ignores what was set.
func (i *instance) refuseIgnored(client otp.Provider, read applied) error {
	switch {
	case len(read) == 0:
		return errors.New("has a vendor whose New ignores its options; it has to read them with otp.Apply")
	case client.Name() != i.name: // its verifications would not find back
		return errors.New("has a vendor whose New ignores otp.WithName")
	}
	for _, limiter := range read[0].Unused() {
		owner, _, isOwn := strings.Cut(limiter, ".")
		if isOwn && owner != i.vendorName { // the program's, for another vendor
			continue
		}
		if !slices.ContainsFunc(read, func(s *otp.Settings) bool { return !slices.Contains(s.Unused(), limiter) }) {
			return misconfigured(limiter+"_limit", "is ignored by this vendor's New; it has to ask otp.Settings.Limiter for it")
		}
	}
	return nil
}

// fault is what build refused: the field, and the rule, in which no secret is left, no matter who wrote
// it.
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
