package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

const somebody = "+905321234567"

// program is what stays the same whoever sends.
type program struct {
	out      io.Writer
	registry *otpconfig.Registry
	phone    func(v otp.Verification) string // what the person reads on the phone
}

// runWith is the program with one of the configurations.
func (p program) runWith(ctx context.Context, name string) error {
	file, err := configs.ReadFile("configs/" + name + ".yaml")
	if err != nil {
		return err
	}
	cfg, err := p.registry.Parse(file, "yaml")
	if err != nil {
		return err
	}
	provider, err := cfg.Provider()
	if err != nil {
		return err
	}
	v, err := provider.Send(ctx, otp.SendRequest{To: somebody})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "  %-12s sent by %s, ", name, v.Channel)
	return p.signIn(ctx, provider, v)
}

// signIn lets a person mistype a code, and then type it well.
func (p program) signIn(ctx context.Context, provider otp.Provider, v otp.Verification) error {
	code := p.phone(v)
	if code == "" {
		return errors.New("no code arrived")
	}
	err := provider.Verify(ctx, v, mistype(code))
	if !errors.Is(err, otp.ErrCodeRejected) {
		return fmt.Errorf("a wrong code was not rejected: %w", err)
	}
	fmt.Fprint(p.out, "wrong code rejected, ")
	if err := provider.Verify(ctx, v, code); err != nil {
		return fmt.Errorf("the right code was not verified: %w", err)
	}
	fmt.Fprintf(p.out, "right code verified by %s\n", v.Provider)
	return nil
}

// mistype is a code that differs in its last character.
func mistype(code string) string {
	last := len(code) - 1
	if code[last] == '0' {
		return code[:last] + "1"
	}
	return code[:last] + "0"
}
