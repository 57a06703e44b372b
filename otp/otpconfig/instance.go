package otpconfig

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

type instance struct {
	name, vendorName string
	vendor           *vendor
	config           any // the vendor's Config
	settings         common
	network          network
	files            []secretFile
	registry         *Registry
}

// client is build, with an error that says where the fault is.
func (i *instance) client(b *assembly) (otp.Provider, error) {
	client, err := i.build(b)
	if err != nil {
		field, rule := i.fault(err)
		return nil, misconfigured(i.path(field), rule)
	}
	return client, nil
}

// build makes the provider, and puts around it, from the inside out: what renews its secrets, the
// breaker, the channels.
func (i *instance) build(b *assembly) (client otp.Provider, err error) {
	client, settings, err := i.vendorsClient(b)
	if err != nil {
		return nil, err
	}
	account := accountOf(client)
	if len(i.files) > 0 && !i.vendor.isOwn() {
		client = renewing(client, i, b)
	}
	if i.settings.Breaker != nil {
		if client, err = i.settings.Breaker.around(client, account, settings.Shared); err != nil {
			return nil, err
		}
	}
	if i.settings.Channels != nil {
		return onChannels(client, i.settings.Channels)
	}
	return client, nil
}

// vendorsClient calls the vendor's New. What the file says goes before what the program's options
// say.
func (i *instance) vendorsClient(b *assembly) (otp.Provider, *otp.Settings, error) {
	options, err := i.options(b)
	if err != nil {
		return nil, nil, err
	}
	var read []*otp.Settings // those that New reads, each time that it does
	note := func(s *otp.Settings) error {
		read = append(read, s)
		return nil
	}
	client, err := i.vendor.client(i.config, slices.Concat(
		[]otp.Option{otp.WithShared(b.shared)}, b.options, options, []otp.Option{note})...)
	if err != nil {
		return nil, nil, err
	}
	if err = i.refuseIgnored(client, read); err != nil {
		return nil, nil, err
	}
	return client, read[0], nil
}

// refuseIgnored refuses a vendor whose New ignores what was set.
func (i *instance) refuseIgnored(client otp.Provider, read []*otp.Settings) error {
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

// fault is what build refused: the field, and the rule, without secrets, no matter who wrote it.
func (i *instance) fault(err error) (field, rule string) {
	field, rule = "", err.Error()
	var failure *otp.Error
	if errors.As(err, &failure) {
		field, rule = failure.Field, failure.Kind.Error()
		if failure.Err != nil {
			rule = failure.Err.Error()
		}
	}
	var secrets []string
	config := reflect.ValueOf(i.config)
	for _, f := range i.vendor.fields {
		if f.secret {
			secrets = append(secrets, config.Field(f.index).String())
		}
	}
	masker := redact.NewMasker(secrets, "", "")
	return masker.Text(field), masker.Text(rule)
}

func (i *instance) path(field string) string {
	return strings.TrimSuffix("providers."+i.name+"."+field, ".")
}
