package phones

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// DefaultLimit is how many messages are kept when Options.Limit is 0.
const DefaultLimit = 10_000

const (
	maxVendorBody = 16 << 10         // bytes of a request that a simulator reads; it bounds the texts
	bodyWithin    = 10 * time.Second // for a client to send a body
)

// Options are how New sets up the phones. The zero value is for this machine alone.
type Options struct {
	// AllowHosts are hosts, without a port, that requests may name besides the loopback ones:
	// "simulator" in a network of containers.
	AllowHosts []string
	// Limit is how many messages are kept in all: 1 to 1,000,000. 0 = DefaultLimit.
	Limit int
}

// Phones is an http.Handler. It is safe for concurrent use. Close it when done.
type Phones struct {
	limit  int
	within time.Duration // bodyWithin
	clock  *otpsim.Clock // of all simulators
	guard  guard
	board  *board
	own    map[string]methods // the page and the API, by path
	vendor []vendor

	streams atomic.Int64 // that are open

	closing context.Context // done from Close on: it ends the streams and the waits
	release context.CancelFunc

	mu       sync.RWMutex // guards what Reset replaces
	closed   bool
	accounts map[string]*otpsim.Server // by vendor
	quirks   map[[2]string]Quirks      // by vendor and number
}

// New starts the simulators. It refuses options that make no sense, naming the field.
func New(opts Options) (*Phones, error) {
	guard, err := newGuard(opts.AllowHosts)
	if err != nil {
		return nil, err
	}
	if opts.Limit < 0 || opts.Limit > 1_000_000 {
		return nil, errors.New("phones: Limit: must be from 1 to 1,000,000, or 0 for 10,000")
	}
	p := &Phones{limit: cmp.Or(opts.Limit, DefaultLimit), within: bodyWithin, clock: new(otpsim.Clock), guard: guard, vendor: vendors()}
	p.closing, p.release = context.WithCancel(context.Background())
	p.board = newBoard(p.limit, secretsOf(p.vendor), p.clock)
	p.own = p.routes()
	p.open()
	return p, nil
}

func (p *Phones) open() {
	p.accounts, p.quirks = make(map[string]*otpsim.Server), make(map[[2]string]Quirks)
	for _, v := range p.vendor {
		account := v.start(nil)
		account.Clock = p.clock
		account.Inbox.Limit = max(p.limit, otpsim.DefaultInboxLimit) // a code that left the inbox cannot be verified
		account.Inbox.Watch(func(n int, m otpsim.Message) { p.board.post(origin{v.Name, n}, m) })
		account.Watch(func(x otpsim.Exchange) { p.board.record(v, x) })
		p.accounts[v.Name] = account
	}
}

// ServeHTTP answers one request.
func (p *Phones) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // that of the connection's last request is still there
	if r.ContentLength != 0 {                 // a body that never ends must not keep its connection
		_ = control.SetReadDeadline(time.Now().Add(p.within))
	}
	if !p.guard.knows(r.Host) {
		refuse(w, http.StatusForbidden, "this server is not for the host that the request names: ask for localhost, or start it with -allow-host")
		return
	}
	segment, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	account := p.account(segment)
	if account == nil {
		p.serveOwn(w, r)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxVendorBody)
	http.StripPrefix("/"+segment, account).ServeHTTP(w, r)
}

func (p *Phones) account(vendor string) *otpsim.Server {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.accounts[vendor]
}

func (p *Phones) find(name string) (vendor, error) {
	var names []string
	for _, v := range p.vendor {
		if v.Name == name {
			return v, nil
		}
		names = append(names, v.Name)
	}
	return vendor{}, fmt.Errorf("vendor: must be one of %s", strings.Join(names, ", "))
}

// Vendors are what is simulated, in the order of the page.
func (p *Phones) Vendors() []Vendor {
	var list []Vendor
	for _, v := range p.vendor {
		v.Settings = slices.Clone(v.Settings)
		list = append(list, v.Vendor)
	}
	return list
}

// Code is the code that the phone at to received last, from any vendor. False = none.
func (p *Phones) Code(to string) (string, bool) {
	m, ok := p.board.lastCode(to)
	return m.Code, ok
}

// Reset makes everything as it was after New: without messages, codes, faults and traffic, and at
// the real time. Requests under way are cut off. The credentials stay.
func (p *Phones) Reset() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("phones: closed")
	}
	for _, account := range p.accounts {
		account.Close()
	}
	p.clock.Set(time.Time{})
	p.board.reset() // after the last message of the old ones, before the first of the new ones
	p.open()
	return nil
}

// Close ends the simulators, the streams and whatever waits. Closing twice is fine.
func (p *Phones) Close() {
	p.release()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, account := range p.accounts {
		account.Close()
	}
}
