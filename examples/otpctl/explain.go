package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// explain prints which provider would take a request, and why the others would not.
func explain(_ context.Context, o *options, args []string) error {
	request, err := o.to(args[0])
	if err != nil {
		return err
	}
	_, provider, err := o.load()
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
		for _, sender := range senders {
			o.explain(sender, request, depth+1)
		}
		o.skipped(children, senders, say)
	case len(children) == 1 && otp.CanSend(p, request) == nil: // a guard, a breaker
		o.explain(children[0], request, depth)
	case len(children) > 1: // a switch: the first is the one in use
		o.explain(children[0], request, depth)
	default:
		o.leaf(p, request, say)
	}
}

// orderOf says in which order a router goes through its providers.
func orderOf(p otp.Provider, senders int) string {
	switch {
	case senders == 1:
		return "asks one"
	case p.Capabilities().Vendor == "weighted":
		return "draws one by weight, and asks the others if that cannot send"
	default:
		return "asks in this order, the next one if nothing was sent"
	}
}

// skipped names the providers that the number does not lead to.
func (o *options) skipped(children, senders []otp.Provider, say func(string, ...any)) {
	for _, child := range children {
		isSender := false
		for _, sender := range senders {
			isSender = isSender || tree.Same(child, sender)
		}
		if !isSender {
			say("  - %s: not for this number", child.Name())
		}
	}
}

func (o *options) leaf(p otp.Provider, request otp.SendRequest, say func(string, ...any)) {
	if err := otp.CanSend(p, request); err != nil {
		say("- %s (%s) cannot take it: %v", p.Name(), p.Capabilities().Vendor, err)
		return
	}
	caps := p.Capabilities()
	channel := request.Channel
	if channel == "" {
		channel = caps.Default
	}
	say("- %s (%s) takes it, by %s", p.Name(), caps.Vendor, channel)
}
