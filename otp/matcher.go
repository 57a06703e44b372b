package otp

import (
	"context"
	"slices"
	"sync"

	"github.com/otp-sdk/otp-go/internal/newest"
)

// How much a [ReceiptMatcher] keeps.
const (
	mostSends = 10_000
	mostEarly = 1_000
)

// ReceiptMatcher finds the send that a receipt is about. Vendors may report before Send has
// returned, so it also keeps receipts whose send is not known yet:
//
//	matcher := otp.NewReceiptMatcher(handle) // gets the send and the receipt
//	receiver, err := insider.NewReceiver(config, matcher.Receive)
//	...
//	v, err := provider.Send(ctx, req)
//	err = matcher.Sent(ctx, v)
//
// It knows the newest 10,000 sends and 1,000 early receipts of this process; what is older is not
// matched. Where the receipt may reach another machine than the one that sent, store receipts under
// Provider and ID instead, whether the send is known or not, and look them up by those of the
// verification.
//
// Make one with [NewReceiptMatcher]. It is safe for concurrent use.
type ReceiptMatcher struct {
	handle func(context.Context, Verification, Receipt) error

	mu    sync.Mutex
	sends newest.Map[sendKey, Verification]
	early newest.Map[sendKey, []Receipt]
}

type sendKey struct{ provider, id string }

// NewReceiptMatcher returns a matcher that hands every receipt whose send is known to handle.
func NewReceiptMatcher(handle func(context.Context, Verification, Receipt) error) *ReceiptMatcher {
	return &ReceiptMatcher{
		handle: handle,
		sends:  newest.Of[sendKey, Verification](mostSends), early: newest.Of[sendKey, []Receipt](mostEarly),
	}
}

// Sent notes a send, and handles the receipts that came before it. ids are further references that
// its receipts may have instead of v.ID, such as the ticket of smsfactor.Ticket. Call it also after
// a send with an unknown outcome. The error is the first of handle's.
func (m *ReceiptMatcher) Sent(ctx context.Context, v Verification, ids ...string) error {
	var early []Receipt
	m.mu.Lock()
	for _, id := range slices.Concat([]string{v.ID}, ids) {
		if id == "" {
			continue
		}
		key := sendKey{v.Provider, id}
		m.sends.Put(key, v)
		if receipts, found := m.early.Get(key); found {
			early = append(early, receipts...)
			m.early.Put(key, nil)
		}
	}
	m.mu.Unlock()
	var failed error
	for _, r := range early {
		if err := m.handle(ctx, v, r); err != nil && failed == nil {
			failed = err
		}
	}
	return failed
}

// Receive handles a receipt, at once or as soon as its send is known. It is the [ReceiptHandler]
// for the handlers of vendors.
func (m *ReceiptMatcher) Receive(ctx context.Context, r Receipt) error {
	const mostOfOne = 8 // a message has no more statuses
	key := sendKey{r.Provider, r.ID}
	m.mu.Lock()
	v, known := m.sends.Get(key)
	if waiting, _ := m.early.Get(key); !known && r.ID != "" && len(waiting) < mostOfOne {
		m.early.Put(key, append(waiting, r))
	}
	m.mu.Unlock()
	if !known {
		return nil
	}
	return m.handle(ctx, v, r)
}
