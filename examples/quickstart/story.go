package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

const (
	somebody = "+905321234567"
	attempts = 3
)

func simulateAll(ctx context.Context, vendors []vendor, out io.Writer) error {
	for _, v := range vendors {
		if err := simulate(ctx, v, out); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
	}
	fmt.Fprint(out, "\nNo text was sent. Add -to and your number to do it for real.\n\n")
	return nil
}

// simulate tells the whole life of a code: sent, mistyped, verified, and used up.
func simulate(ctx context.Context, v vendor, out io.Writer) error {
	sim, err := v.simulate()
	if err != nil {
		return err
	}
	defer sim.close()

	fmt.Fprintf(out, "\n%s, simulated on %s\n\n", v.name, sim.url)
	req := request(sim.provider, somebody)
	verification, err := sim.provider.Send(ctx, req)
	if err != nil {
		return err
	}
	describe(out, verification)
	message, _ := sim.inbox.Last(somebody)
	drawPhone(out, somebody, message.Text)

	report := reporter{out, req.MaxAttempts}
	verify := func(typed string) error {
		return report.print(typed, sim.provider.Verify(ctx, verification, typed))
	}
	if err := verify(mistype(message.Code)); !errors.Is(err, otp.ErrCodeRejected) {
		return fmt.Errorf("a wrong code was not rejected: %w", err)
	}
	if err := verify(message.Code); err != nil {
		return fmt.Errorf("the right code was not verified: %w", err)
	}
	if err := verify(message.Code); !errors.Is(err, otp.ErrCodeRejected) {
		return fmt.Errorf("a used code was not rejected: %w", err)
	}
	return nil
}

// sendForReal texts a person, who types what arrives.
func sendForReal(ctx context.Context, v vendor, to string, lookup func(string) (string, bool), in io.Reader, out io.Writer) error {
	provider, err := v.provider(lookup)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%s\n\n", v.name)
	req := request(provider, to)
	verification, err := provider.Send(ctx, req)
	switch {
	case err == nil:
		describe(out, verification)
	case otp.OutcomeOf(err) == otp.OutcomeUnknown: // the code may be on its way: let the person type
		fmt.Fprintf(out, "  send    %v\n          It may have been sent all the same.\n", err)
	default:
		return err
	}
	report, lines := reporter{out, req.MaxAttempts}, bufio.NewScanner(in)
	for range attempts {
		fmt.Fprint(out, "\n  The code that you received: ")
		if !lines.Scan() {
			return errors.New("no code was typed")
		}
		err = report.print(lines.Text(), provider.Verify(ctx, verification, lines.Text()))
		if !errors.Is(err, otp.ErrWrongCode) {
			return err
		}
	}
	return err
}

func request(provider otp.Provider, to string) otp.SendRequest {
	req := otp.SendRequest{To: to}
	capabilities := provider.Capabilities()
	if capabilities.Channels[capabilities.Default].MaxAttempts.Contains(attempts) {
		req.MaxAttempts = attempts
	}
	return req
}

func describe(out io.Writer, v otp.Verification) {
	fmt.Fprintf(out, "  send    accepted: a code is on its way to %s by %s\n", otp.Mask(v.To), v.Channel)
	if !v.ExpiresAt.IsZero() {
		fmt.Fprintf(out, "          valid until %s\n", v.ExpiresAt.Local().Format("15:04:05"))
	}
}

type reporter struct {
	out  io.Writer
	left int // wrong codes that the request still allows; 0 = it could not ask for a number
}

// print prints what became of one code, and returns err.
func (r *reporter) print(typed string, err error) error {
	fmt.Fprintf(r.out, "  verify  %s  ", typed)
	var failure *otp.Error
	switch {
	case err == nil:
		fmt.Fprintln(r.out, "✓ verified")
	case errors.As(err, &failure) && errors.Is(err, otp.ErrCodeRejected):
		fmt.Fprintf(r.out, "✗ rejected: %s%s\n", failure.Kind, r.attemptsLeft(failure))
	default:
		fmt.Fprintf(r.out, "? not judged: %v\n", err)
	}
	return err
}

func (r *reporter) attemptsLeft(failure *otp.Error) string {
	if failure.Outcome == otp.OutcomeAccepted {
		r.left--
	}
	switch {
	case failure.AttemptsLeft != nil:
		return fmt.Sprintf(", %d attempts left", *failure.AttemptsLeft)
	case failure.Kind == otp.ErrWrongCode && r.left > 0:
		return fmt.Sprintf(", %d attempts left (counted here: %s does not say)", r.left, failure.Provider)
	default:
		return ""
	}
}

func mistype(code string) string {
	if strings.HasSuffix(code, "0") {
		return code[:len(code)-1] + "1"
	}
	return code[:len(code)-1] + "0"
}

func drawPhone(out io.Writer, number, text string) {
	width := max(len([]rune(number)), len([]rune(text)))
	edge := strings.Repeat("─", width+2)
	fmt.Fprintf(out, "\n          ╭%s╮\n", edge)
	for _, line := range []string{number, text} {
		fmt.Fprintf(out, "          │ %s%s │\n", line, strings.Repeat(" ", width-len([]rune(line))))
	}
	fmt.Fprintf(out, "          ╰%s╯\n\n", edge)
}
