package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/otp-sdk/otp-go/internal/callingcode"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// explain prints which provider would take a request, and why the others would not.
func explain(_ context.Context, o *options, args []string) error {
	request, provider, err := o.requestTo(args[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(o.out, "%s:\n", otp.Mask(request.To))
	o.explain(provider, request, 1)
	if err := otp.CanSend(provider, request); err != nil {
		return fmt.Errorf("nobody would take it: %w", err)
	}
	return nil
}

// explain prints one provider, and below it those that it would hand the request to, in order.
func (o *options) explain(p otp.Provider, request otp.SendRequest, depth int) {
	say := func(format string, args ...any) {
		fmt.Fprintf(o.out, "%s%s\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
	}
	router, routes := p.(otp.Selector)
	children := tree.Children(p)
	switch {
	case routes:
		senders, err := router.Senders(request)
		if err != nil {
			say("%s has no way: %v", p.Name(), err)
			return
		}
		say("%s (%s) %s:", p.Name(), p.Capabilities().Vendor, orderOf(p, len(senders)))
		if learning, ok := p.(interface{ Explain(code string) string }); ok {
			for line := range strings.Lines(learning.Explain(callingcode.Of(request.To))) {
				say("  (%s)", strings.TrimSpace(line))
			}
		}
		for _, sender := range senders {
			o.explain(sender, request, depth+1)
		}
		for _, child := range children {
			if !slices.ContainsFunc(senders, func(sender otp.Provider) bool { return tree.Same(child, sender) }) {
				say("  - %s: is not asked for this number", child.Name())
			}
		}
	case len(children) > 0 && otp.CanSend(p, request) == nil: // a guard or a breaker; of a switch, the first is in use
		o.explain(children[0], request, depth)
	default:
		o.leaf(p, request, say)
	}
}

func orderOf(p otp.Provider, senders int) string {
	switch {
	case senders == 1:
		return "asks one"
	case p.Capabilities().Vendor == "weighted":
		return "draws one by weight, and asks the others if that cannot send"
	case p.Capabilities().Vendor == "learning":
		return "asks the one whose codes come back most, and the others if that cannot send"
	default:
		return "asks in this order, the next one if nothing was sent"
	}
}

func (o *options) leaf(p otp.Provider, request otp.SendRequest, say func(string, ...any)) {
	if err := otp.CanSend(p, request); err != nil {
		say("- %s (%s) cannot take it: %v", p.Name(), p.Capabilities().Vendor, err)
		return
	}
	caps := p.Capabilities()
	say("- %s (%s) takes it, by %s", p.Name(), caps.Vendor, cmp.Or(request.Channel, caps.Default))
}

// caps prints what each provider can do, without asking anybody.
func caps(_ context.Context, o *options, _ []string) error {
	_, provider, err := o.load()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tVENDOR\tCHANNEL\tLENGTH\tLIFETIME\tTRIES\tOWN CODE\tLETTERS\tLANGUAGES")
	for _, p := range tree.Leaves(provider) {
		can := p.Capabilities()
		for _, channel := range slices.Sorted(maps.Keys(can.Channels)) {
			f, name := can.Channels[channel], string(channel)
			if channel == can.Default {
				name += " (default)"
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\n", p.Name(), can.Vendor, name,
				between(f.CodeLength), between(f.TTL), between(f.MaxAttempts), yes(f.OwnCode), yes(f.Alphanumeric), len(f.Locales))
		}
	}
	return table.Flush()
}

// between is a range, or a dash where nothing can be chosen.
func between[T int | time.Duration](r otp.Range[T]) string {
	switch {
	case r.Min == 0 && r.Max == 0:
		return "-"
	case r.Min == r.Max:
		return fmt.Sprint(r.Max)
	default:
		return fmt.Sprintf("%v to %v", r.Min, r.Max)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "-"
}

func doctor(ctx context.Context, o *options, args []string) (err error) {
	request := o.request
	if len(args) > 0 {
		if request, err = o.to(args[0]); err != nil {
			return err
		}
	}
	config, provider, err := o.load()
	if err != nil {
		return err
	}
	ctx, cancel := o.within(ctx)
	defer cancel()
	table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tCHECK\tRESULT\tWHAT TO DO")
	for _, f := range (otpconfig.Doctor{Request: request}).Examine(ctx, config, provider) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", cmp.Or(f.Provider, "-"), f.Check, f.Result, f.Text)
		if f.Result == otpconfig.ResultWrong || f.Result == otpconfig.ResultWarning {
			err = errFound
		}
	}
	if failed := table.Flush(); failed != nil {
		return failed
	}
	return err
}
