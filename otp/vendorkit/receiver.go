package vendorkit

import (
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/otp-sdk/otp-go/internal/newest"
	"github.com/otp-sdk/otp-go/otp"
)

// ReceiverConfig is what a handler of receipts needs. All printers and encoders mask the secrets.
type ReceiverConfig struct {
	// Provider is the name of the instance, see [otp.WithName]. "" = the vendor's package name.
	Provider string `json:"provider,omitempty" yaml:"provider,omitempty"`

	// PublicURL is the address of the handler, without the secret:
	// "https://shop.example/receipts/insider", https, except on loopback. Required.
	PublicURL string `json:"public_url" yaml:"public_url"`

	// URLSecrets stand in the URL, after PublicURL: at least one, each of 16 to 128 letters, digits,
	// "-" and "_", such as 32 random bytes as base64url. The first makes URLs, and all are accepted.
	URLSecrets []string `json:"url_secrets" yaml:"url_secrets" mask:"secret"`

	// HeaderSecrets are what the vendor sends in a header, if it does: 16 to 256 printable ASCII
	// characters, not those of URLSecrets. All are accepted; without any, such calls are refused.
	HeaderSecrets []string `json:"header_secrets,omitempty" yaml:"header_secrets,omitempty" mask:"secret"`

	// Logger gets what was taken at the level debug, and what was not as a warning. Nil = silence.
	Logger *slog.Logger `json:"-" yaml:"-"`
}

// Format prints c with its secrets masked, under every verb.
func (c ReceiverConfig) Format(s fmt.State, verb rune) { Format(s, verb, c) }

// MarshalJSON is c with its secrets masked.
func (c ReceiverConfig) MarshalJSON() ([]byte, error) { return MarshalJSON(c) }

// MarshalText is c on one line with its secrets masked, for XML, YAML and logs.
func (c ReceiverConfig) MarshalText() ([]byte, error) { return MarshalText(c) }

// GobEncode is MarshalText.
func (c ReceiverConfig) GobEncode() ([]byte, error) { return MarshalText(c) }

// Receiver is the http.Handler for the calls that a vendor makes to us. The vendors' NewReceiver
// make it. It may be mounted anywhere:
//
//	mux.Handle("/receipts/insider/", receiver)
//
// A wrong secret in the URL is answered 404, one in the header 401. Only then the body is read, up
// to 64 KiB.
//
// # What the callback sees
//
// A receipt is handed over when its status is later than the last one of the same message, see
// [otp.ReceiptStatus.After]; others are answered and dropped. The receiver remembers the newest
// 10,000 messages of this process, by ID, or by number for ten minutes where there is none. So
// store a status only if it is After the stored one.
//
// The callback gets 500 milliseconds, after which its context ends and the vendor is answered.
// Callbacks for one message run one after the other, and at most 256 at a time; receipts beyond
// that are not taken, nor are those whose callback fails or panics. Their next repeat is handed
// over. A vendor that is known to repeat is answered 503 after an error.
//
// A Receiver is safe for concurrent use and needs no Close: no goroutine outlives its callback.
type Receiver struct{ core func() *receiver } // behind a function, where no printer finds the secrets

type receiver struct {
	name, vendor string
	publicURL    *url.URL
	secret       string // of new URLs
	urls         digests
	headers      digests
	hooks        []Hook
	handle       otp.ReceiptHandler
	logger       *slog.Logger

	slots   chan struct{}
	buffers sync.Pool // of *buffer
	timers  sync.Pool // of *time.Timer

	mu   sync.Mutex
	seen newest.Map[string, message]

	taken, repeated, unreadable, refused, failed atomic.Uint64
}

// What a receiver holds at most.
const (
	mostMessages = 10_000
	mostRunning  = 256
)

// NewReceiver makes the handler of a vendor. A bad config is otp.ErrMisconfigured, with its field.
func NewReceiver(vendor string, cfg ReceiverConfig, handle otp.ReceiptHandler, hooks ...Hook) (*Receiver, error) {
	k := &receiver{
		vendor: vendor, name: cmp.Or(cfg.Provider, vendor), handle: handle, logger: cfg.Logger,
		urls: digestsOf(cfg.URLSecrets), headers: digestsOf(cfg.HeaderSecrets),
		hooks: slices.Clone(hooks), slots: make(chan struct{}, mostRunning), seen: newest.Of[string, message](mostMessages),
	}
	needsHeader := slices.ContainsFunc(hooks, func(h Hook) bool { return h.Header != "" })
	base, badURL := parseBaseURL(cfg.PublicURL, false)
	_, badName := otp.Apply(otp.WithName(k.name))
	err := First(
		When(badName != nil, "provider", "must be the name of an instance"),
		When(badURL != nil, "public_url", "must be an https URL without query, user and fragment; http is for loopback addresses"),
		When(len(cfg.URLSecrets) == 0, "url_secrets", "must have at least one"),
		checkSecrets("url_secrets", urlSecret, cfg.URLSecrets, `16 to 128 letters, digits, "-" and "_"`),
		checkSecrets("header_secrets", headerSecret, cfg.HeaderSecrets, "16 to 256 printable ASCII characters"),
		When(len(cfg.HeaderSecrets) > 0 && !needsHeader, "header_secrets", "must be empty: this vendor sends none"),
		When(slices.ContainsFunc(cfg.HeaderSecrets, k.urls.has), "header_secrets", "must differ from url_secrets"),
		When(handle == nil, "handle", "must not be nil"),
	)
	if err != nil {
		return nil, misconfiguredBy(k.name, "new_receiver", err)
	}
	k.publicURL, k.secret = base, cfg.URLSecrets[0]
	return &Receiver{core: func() *receiver { return k }}, nil
}

var (
	urlSecret    = regexp.MustCompile(`\A[A-Za-z0-9_-]{16,128}\z`)
	headerSecret = regexp.MustCompile(`\A[!-~]([ -~]{14,254})[!-~]\z`)
)

func checkSecrets(field string, form *regexp.Regexp, secrets []string, rule string) error {
	isBad := func(secret string) bool { return !form.MatchString(secret) }
	return When(slices.ContainsFunc(secrets, isBad), field, "must each be "+rule)
}

// URL is the address to give to the vendor, with the secret in it, and segments after that: a
// reference of your own is 1 to 128 printable ASCII characters without space and slash.
func (r *Receiver) URL(segments ...string) string {
	k := r.core()
	path := []string{k.publicURL.String(), k.secret}
	for _, segment := range segments {
		path = append(path, url.PathEscape(segment))
	}
	return strings.Join(path, "/")
}

// String says whose receipts come here, and nothing else.
func (r *Receiver) String() string {
	k := r.core()
	return fmt.Sprintf("receipts of %s (%s)", k.name, k.vendor)
}

// ReceiverStats counts the calls since the receiver was made.
type ReceiverStats struct {
	Taken      uint64 // the callback returned nil
	Repeated   uint64 // changed nothing: came twice, or late
	Unreadable uint64 // had the secret, and a body that is too long or of no known form
	Refused    uint64 // had no secret, or a wrong one
	Failed     uint64 // the callback returned an error or panicked, or too many were running
}

// Stats returns the counts so far.
func (r *Receiver) Stats() ReceiverStats {
	k := r.core()
	return ReceiverStats{
		Taken: k.taken.Load(), Repeated: k.repeated.Load(), Unreadable: k.unreadable.Load(),
		Refused: k.refused.Load(), Failed: k.failed.Load(),
	}
}

// digests are secrets by their sums: a comparison does not show the length of a secret.
type digests [][sha256.Size]byte

func digestsOf(secrets []string) digests {
	all := make(digests, len(secrets))
	for i, secret := range secrets {
		all[i] = sha256.Sum256([]byte(secret))
	}
	return all
}

// has compares with all secrets, in constant time. Without any it refuses everything.
func (d digests) has(secret string) bool {
	var short [256]byte
	if len(secret) > len(short) {
		return false
	}
	sum, found := sha256.Sum256(short[:copy(short[:], secret)]), 0
	for i := range d {
		found |= subtle.ConstantTimeCompare(sum[:], d[i][:])
	}
	return found == 1
}

// ErrUnreadable is what [Hook.Read] returns for a body that is none of the vendor's.
var ErrUnreadable = errors.New("not a call of the vendor's")
