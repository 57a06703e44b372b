package route

import (
	"context"
	"errors"

	"github.com/otp-sdk/otp-go/otp"
)

// handover is one send on its way from provider to provider, until one of them may have sent.
type handover struct {
	router string
	tried  tally
	passed tally // over: those that cannot serve the request

	last otp.Provider // the one that was tried last
	kind otp.Kind     // why it did not send
}

// try hands the send to child. When done, the send has come to its end there, well or not; otherwise the next provider
// may be tried.
func (h *handover) try(ctx context.Context, child otp.Provider, req otp.SendRequest) (otp.Verification, bool, error) {
	if h.last != nil && ctx.Err() != nil {
		return otp.Verification{}, true, h.failure()
	}
	if err := otp.CanSend(child, req); err != nil {
		return h.refused(typed(child, "send", err))
	}
	h.tell(ctx, child)
	v, err := send(ctx, child, req)
	switch {
	case err == nil:
		return v, true, nil
	case otp.OutcomeOf(err) != otp.OutcomeNotSent || isFinal(err):
		h.tried.add(err)
		return v, true, h.failure()
	case kindOf(err) == otp.ErrUnsupported:
		h.passed.add(err)
	default:
		h.tried.add(err)
		h.last, h.kind = child, kindOf(err)
	}
	return otp.Verification{}, false, nil
}

// refused passes over a provider that cannot serve the request. What no provider could serve ends the send.
func (h *handover) refused(err error) (otp.Verification, bool, error) {
	if kindOf(err) == otp.ErrUnsupported {
		h.passed.add(err)
		return otp.Verification{}, false, nil
	}
	h.tried.add(err)
	return otp.Verification{}, true, h.failure()
}

// tell tells the observer when the send goes from one provider to the next.
func (h *handover) tell(ctx context.Context, next otp.Provider) {
	if h.last == nil {
		return
	}
	if observer := otp.ObserverFrom(ctx); observer != nil {
		observer(otp.FailoverEvent{Router: h.router, From: nameOf(h.last), To: nameOf(next), Kind: h.kind})
	}
}

// failure is the error of a send that has come to its end. Those that were passed over matter only if nobody was tried.
func (h *handover) failure() error {
	failures := h.tried.all()
	if len(failures) == 0 {
		failures = h.passed.all()
	}
	if len(failures) == 1 {
		return failures[0]
	}
	return together(h.router, failures)
}

// isFinal reports whether a send that provably was not made must not be handed on: the fault is the caller's own, or a
// guard in this program refuses.
func isFinal(err error) bool {
	if failure, ok := err.(*otp.Error); ok { //nolint:errorlint // the common case, without an allocation
		switch failure.Kind {
		case otp.ErrInvalidRecipient, otp.ErrInvalidRequest, otp.ErrCanceled, otp.ErrRefused:
			return true
		}
		err = failure.Err
	}
	return errors.Is(err, otp.ErrInvalidRecipient) || errors.Is(err, otp.ErrInvalidRequest) ||
		errors.Is(err, otp.ErrCanceled) || errors.Is(err, otp.ErrRefused)
}
