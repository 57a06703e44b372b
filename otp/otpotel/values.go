package otpotel

import (
	"cmp"
	"errors"
	"slices"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

const (
	resultVerified = "verified"
	unknown        = "unknown"
	none           = "none"

	// otherKind is what the conventions say for an error.type that is not in a documented list.
	otherKind otp.Kind = "_OTHER"
)

// kindOf is the kind of an error, of those that are known. A limit of a guard's is recorded as
// refused, so that it is not mistaken for a vendor's.
func kindOf(failure *otp.Error, err error) otp.Kind {
	switch {
	case failure == nil:
		return otherKind
	case failure.Kind == otp.ErrRateLimited && errors.Is(err, otp.ErrRefused):
		return otp.ErrRefused
	default:
		return knownKind(failure.Kind)
	}
}

func knownKind(k otp.Kind) otp.Kind {
	switch k {
	case otp.ErrInvalidRequest, otp.ErrInvalidRecipient, otp.ErrUnsupported, otp.ErrUnreachable,
		otp.ErrUnauthorized, otp.ErrMisconfigured, otp.ErrInsufficientFunds,
		otp.ErrRateLimited, otp.ErrUnavailable, otp.ErrProtocol,
		otp.ErrCanceled, otp.ErrRefused,
		otp.ErrCodeRejected, otp.ErrWrongCode, otp.ErrExpired, otp.ErrTooManyAttempts, otp.ErrAlreadyVerified, otp.ErrNotFound:
		return k
	default:
		return otherKind
	}
}

// isFault reports whether something failed. Nothing did when a wrong code was rejected, when a
// guard refused, which is what it is for, and when the caller went away.
func isFault(k otp.Kind) bool {
	return k != "" && k != otp.ErrCanceled && k != otp.ErrRefused && !k.Is(otp.ErrCodeRejected)
}

func outcomeLabel(o otp.Outcome) string {
	switch o {
	case otp.OutcomeNotSent:
		return "not_sent"
	case otp.OutcomeAccepted:
		return "accepted"
	default:
		return unknown
	}
}

// oneOf is value where it is one of those that are known, else unknown.
func oneOf[T ~string](value T, known ...T) string {
	if slices.Contains(known, value) {
		return string(value)
	}
	return unknown
}

func ruleLabel(rule string) string {
	return oneOf(guard.Rule(rule), guard.RuleDeny, guard.RuleHook, guard.RuleCooldown, guard.RuleNumber,
		guard.RuleSession, guard.RuleDevice, guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork,
		guard.RuleBlock, guard.RuleCountry, guard.RuleNewCountries, guard.RuleBudget,
		guard.RuleUsed, guard.RuleBinding, guard.RuleAttempts, guard.RuleWrongCodes, guard.RuleStore)
}

// fieldLabel is the field of a request that a provider cannot serve.
func fieldLabel(field string) string {
	return oneOf(field, "to", "channel", "code_length", "ttl", "max_attempts", "code", "previous", "options")
}

// channelLabel is a channel, or the default one for "". What neither the contract nor the provider
// knows is unknown: a caller may ask for anything.
func (p *Provider) channelLabel(channel otp.Channel) string {
	switch channel {
	case otp.SMS, otp.WhatsApp, otp.Voice:
		return string(channel)
	}
	caps := p.inner.Capabilities()
	if channel == "" {
		return cmp.Or(string(caps.Default), unknown)
	}
	if _, offered := caps.Channels[channel]; offered {
		return string(channel)
	}
	return unknown
}
