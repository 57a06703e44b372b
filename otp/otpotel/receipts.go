package otpotel

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/newest"
	"github.com/otp-sdk/otp-go/otp"
)

// mostSends is how many sends a provider remembers for their receipts.
const mostSends = 10_000

// sends are the newest sends, by ID and by number: some receipts have no ID that Send knows.
type sends struct {
	mu    sync.Mutex
	known newest.Map[sendKey, sent]
}

type sendKey struct{ provider, idOrNumber string }

// sent is what a receipt does not say again.
type sent struct {
	at                   time.Time
	channel, callingCode string
}

func (s *sends) note(v otp.Verification, channel, callingCode string) {
	if v.IsZero() {
		return
	}
	what := sent{v.SentAt, channel, strings.Clone(callingCode)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known.Put(sendKey{v.Provider, v.ID}, what)
	s.known.Put(sendKey{v.Provider, v.To}, what)
}

func (s *sends) of(r otp.Receipt) (sent, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range []string{r.ID, r.To} {
		if what, found := s.known.Get(sendKey{r.Provider, key}); found && key != "" {
			return what, true
		}
	}
	return sent{}, false
}

// Receipt counts what a vendor reports about a send. Call it in the callback of the vendors'
// handlers, which hand each receipt over once:
//
//	receiver, err := insider.NewReceiver(config, func(ctx context.Context, r otp.Receipt) error {
//		watched.Receipt(ctx, r)
//		return store.Save(ctx, r)
//	})
//
// The time to delivery is known for the newest 10,000 sends of this process, by ID or else by
// number. Of an older one, or of another machine's, the channel and the country are those of the
// receipt, or unknown.
func (p *Provider) Receipt(ctx context.Context, r otp.Receipt) {
	defer dropPanic()
	send, found := p.sends.of(r)
	if !found {
		send = sent{channel: unknown, callingCode: callingCode(r.To)}
		if r.Channel != "" {
			send.channel = p.channelLabel(r.Channel)
		}
	}
	l := labels{vendor: p.names.vendor(r.Provider), channel: send.channel, callingCode: send.callingCode}
	if r.Status == otp.ReceiptDelivered && !send.at.IsZero() {
		p.instruments.delivery.Record(ctx, max(0, r.Time.Sub(send.at).Seconds()), l.option())
	}
	l.status = r.Status.String()
	p.instruments.receipts.Add(ctx, 1, l.option())
	if r.Status == otp.ReceiptUndelivered || r.Status == otp.ReceiptExpired {
		l = labels{vendor: l.vendor, vendorCode: p.reasons.label(r.VendorCode)}
		p.instruments.undelivered.Add(ctx, 1, l.option())
	}
}

// reasons are the vendors' codes that have a label of their own: the first ones, so that they stay
// few.
type reasons struct {
	mu    sync.Mutex
	known map[string]bool
}

const mostReasons = 100

// reasonForm is what a code looks like; digits that could be a phone number are none.
var reasonForm = regexp.MustCompile(`\A([A-Za-z_][A-Za-z0-9_. -]{0,31}|[0-9]{1,7})\z`)

func (s *reasons) label(code string) string {
	switch {
	case code == "":
		return none
	case !reasonForm.MatchString(code):
		return string(otherKind)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known[code] {
		if len(s.known) == mostReasons {
			return string(otherKind)
		}
		if s.known == nil {
			s.known = make(map[string]bool)
		}
		s.known[strings.Clone(code)] = true
	}
	return code
}
