package route

import (
	"context"
	"errors"

	"github.com/otp-sdk/otp-go/otp"
)

// handover is one send on its way from provider to provider, until one of them may have sent.
type handover struct {
	router   string
	failures failures

	last otp.Provider // the one that was tried last
	kind otp.Kind     // why it did not send
}

// try hands the send to child. When done, the send has come to its end there, well or not;
// otherwise the next provider may be tried.
func (h *handover) try(ctx context.Context, child otp.Provider, req otp.SendRequest) (v otp.Verification, done bool, err error) {
	if h.last != nil && ctx.Err() != nil {
		return otp.Verification{}, true, h.failure()
	}
	switch err = otp.CanSend(child, req); {
	case err == nil:
	case isFinal(err): // no provider could serve it
		h.failures.add(failure{err: err})
		return otp.Verification{}, true, h.failure()
	default:
		h.passOver(ctx, child, err)
		return otp.Verification{}, false, nil
	}
	h.notifyFailover(ctx, child)
	v, err = send(ctx, child, req)
	switch {
	case err == nil:
		return v, true, nil
	case otp.OutcomeOf(err) != otp.OutcomeNotSent || isFinal(err):
		h.failures.add(failure{err: err})
		return v, true, h.failure()
	case kindOf(err) == otp.ErrUnsupported:
		h.passOver(ctx, child, err)
	default:
		h.failures.add(failure{err: err})
		h.last, h.kind = child, kindOf(err)
	}
	return otp.Verification{}, false, nil
}

// passOver goes past a provider that cannot serve the request.
func (h *handover) passOver(ctx context.Context, child otp.Provider, err error) {
	h.failures.add(failure{err: err, passedOver: true})
	if observer := otp.ObserverFrom(ctx); observer != nil {
		refused := failureIn(err)
		observer(otp.PassedOverEvent{
			Router: h.router, Provider: nameOf(child), Kind: refused.Kind, Field: refused.Field,
		})
	}
}

// notifyFailover notifies the observer when the send goes from one provider to the next.
func (h *handover) notifyFailover(ctx context.Context, next otp.Provider) {
	if h.last == nil {
		return
	}
	if observer := otp.ObserverFrom(ctx); observer != nil {
		observer(otp.FailoverEvent{Router: h.router, From: nameOf(h.last), To: nameOf(next), Kind: h.kind})
	}
}

// failure is the error of a send that has come to its end.
func (h *handover) failure() error { return h.failures.together(h.router) }

// isFinal reports whether a send that was certainly not made must not be handed on: the fault is the
// caller's own, or a guard in this program refuses.
func isFinal(err error) bool {
	if failure, ok := err.(*otp.Error); ok && failure != nil { //nolint:errorlint // the common case, without an allocation
		switch failure.Kind {
		case otp.ErrInvalidRecipient, otp.ErrInvalidRequest, otp.ErrCanceled, otp.ErrRefused:
			return true
		}
		err = failure.Err
	}
	return errors.Is(err, otp.ErrInvalidRecipient) || errors.Is(err, otp.ErrInvalidRequest) ||
		errors.Is(err, otp.ErrCanceled) || errors.Is(err, otp.ErrRefused)
}
