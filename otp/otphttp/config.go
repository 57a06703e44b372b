// Package otphttp is the way from a provider to a person: it turns errors into HTTP answers, and
// has a sign-in by phone for net/http, for pages with and without script and for JSON.
//
// A browser that hangs up changes nothing: the send goes on, with a time of its own, and the next
// request of this browser finds it. For that it needs its cookie, so let it get the page first; a
// client that speaks JSON does the same. What is on its way is known to the process that sent it:
// several need a [Store], or a guard with a shared store.
//
// The handler looks at no account, so known and unknown numbers get the same answer in the same
// time. Put a guard around the provider: without one, nothing limits how many codes strangers ask
// for.
package otphttp

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// Config says how a sign-in works. Keys and OnVerified are required; all else may be zero.
type Config struct {
	// Keys seal what a browser waits for: 1 to 16 random keys of 32 bytes or more, the same on every
	// machine. The first seals, all of them open.
	Keys [][]byte
	// OnVerified is called when the person at v.To has typed the right code. It begins the program's
	// own session, with a new id, and answers r, whose context outlives a browser that hangs up.
	OnVerified func(w http.ResponseWriter, r *http.Request, v otp.Verification)
	// Page writes the page of a [View], as Execute of an html/template does. Nil = JSON alone.
	Page func(w io.Writer, view any) error
	// Number makes E.164 of what a person typed, as E164 of package otpphone does. An error is
	// [otp.ErrInvalidRecipient]. Nil = E.164 with spaces, dashes, dots and brackets.
	Number func(typed string) (string, error)
	// Purpose is what the code is for: 1 to 64 letters, digits, - and _. It is in the cookie's name,
	// and a code for one purpose is none for another. "" = "signin".
	Purpose string
	// Caller adds what only the program knows to what the guard is told, such as the device, or the
	// challenge that was passed. r.PostForm has the fields, of JSON as well. Nil = nobody is asked for
	// a challenge: what the guard refuses without one is refused.
	Caller func(r *http.Request, number string, caller *guard.Caller)
	// Request sets what else a send asks for, such as the channel. To, Previous and the Locale that
	// the browser prefers are set.
	Request func(r *http.Request, req *otp.SendRequest)
	// Hosts are the names, without port, by which the sign-in is reached. Empty = any.
	Hosts []string
	// Proxies are the addresses of your own proxies: from these alone X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// Store keeps what a browser waits for on the server. Nil = in the browser's cookie, sealed.
	Store Store
	// Words are texts of other languages, or in place of the English ones, by language tag ("de",
	// "pt-BR", "en") and key, see [English]. What a language leaves out is in English. A page is in
	// the first language of Accept-Language that there is.
	Words map[string]map[string]string
	// ResendAfter is how long a browser waits for another code, 1 s to 1 h; give the guard the same
	// cooldown. 0 = 30 seconds.
	ResendAfter time.Duration
	// SendTimeout is how long a send or a verification may take, whether or not the browser waits for
	// it, 1 s to 1 min. 0 = 15 seconds.
	SendTimeout time.Duration
	// PlainHTTP lets the cookie travel without TLS: for development only.
	PlainHTTP bool
	// Logger is told of sends and verifications that fail, with numbers masked. Nil = nobody is.
	Logger *slog.Logger
}

// Store keeps sealed data for browsers, by a session id that the browser and this program alone
// know. It must be safe for concurrent use, and shared by all processes. It is written to before
// anything is sent: when it fails, nothing is, and the error is [otp.ErrUnavailable].
type Store interface {
	// Load returns what was saved last, "" if there is nothing or its time has passed.
	Load(ctx context.Context, session string) (data string, err error)
	// Save keeps data, at most 5 KiB, for ttl. Empty data is deleted.
	Save(ctx context.Context, session, data string, ttl time.Duration) error
}

type handler struct {
	Config

	provider  otp.Provider
	sealer    *guard.Sealer
	protect   *http.CrossOriginProtection
	languages map[string]map[string]string
	cookie    string // its name
	sends     sends
}

// New returns a handler that signs people in by codes that p sends, for any path that ends with
// "/":
//
//	GET  /signin/        the page of a person's step, or the [View] as JSON
//	POST /signin/send    number: sends a code
//	POST /signin/resend  sends another one to the same number, by another way where there is one
//	POST /signin/verify  code: checks it, and calls OnVerified if it is right
//
// It reads forms and JSON objects of strings. A form is answered with a page or a redirect to it,
// JSON with a [View] or a problem, see [WriteProblem]. A field of cfg that breaks a rule is an
// [*otp.Error] of kind [otp.ErrMisconfigured] that names it.
func New(p otp.Provider, cfg Config) (http.Handler, error) {
	h := &handler{Config: cfg, provider: p, protect: http.NewCrossOriginProtection(), sends: sends{all: map[string]*latest{}}}
	h.Keys, h.Hosts, h.Proxies = nil, slices.Clone(cfg.Hosts), slices.Clone(cfg.Proxies) // the sealer alone has the keys
	h.Purpose = cmp.Or(cfg.Purpose, "signin")
	h.cookie = "__Host-otp-" + h.Purpose // no other host, and nothing without TLS, can set it
	if h.PlainHTTP {
		h.cookie = "otp-" + h.Purpose
	}
	h.ResendAfter = cmp.Or(cfg.ResendAfter, 30*time.Second)
	h.SendTimeout = cmp.Or(cfg.SendTimeout, 15*time.Second)
	h.Logger = cmp.Or(cfg.Logger, slog.New(slog.DiscardHandler))
	if h.Number == nil {
		h.Number = plainNumber
	}
	var badKeys error
	var badWords string
	h.sealer, badKeys = guard.NewSealer(cfg.Keys...)
	h.languages, badWords = complete(cfg.Words)
	isNoHost := func(host string) bool { return !isHostName.MatchString(host) }
	isNoNetwork := func(network netip.Prefix) bool { return !network.IsValid() }
	for _, rule := range []struct {
		broken      bool
		field, rule string
	}{
		{p == nil, "provider", "must not be nil"},
		{badKeys != nil, "keys", "must be 1 to 16 keys of 32 bytes or more"},
		{h.OnVerified == nil, "on_verified", "is required: it begins the person's session"},
		{!isPurpose.MatchString(h.Purpose), "purpose", "must be 1 to 64 letters, digits, - and _: a cookie is called by it"},
		{h.ResendAfter < time.Second || h.ResendAfter > time.Hour, "resend_after", "must be 1 s to 1 h"},
		{h.SendTimeout < time.Second || h.SendTimeout > time.Minute, "send_timeout", "must be 1 s to 1 min"},
		{slices.ContainsFunc(h.Hosts, isNoHost), "hosts", "must be names without scheme and port"},
		{slices.ContainsFunc(h.Proxies, isNoNetwork), "proxies", "must be valid networks"},
		{badWords != "", "words", badWords},
	} {
		if rule.broken {
			return nil, &otp.Error{
				Op: "otphttp", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: rule.field, Err: errors.New(rule.rule),
			}
		}
	}
	return h, nil
}

var isPurpose, isHostName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`), regexp.MustCompile(`^([A-Za-z0-9._-]+|[0-9A-Fa-f:.]+)$`)

// plainNumber drops what people write between the digits.
func plainNumber(typed string) (string, error) {
	number := strings.NewReplacer(" ", "", "\u00a0", "", "\t", "", "-", "", ".", "", "(", "", ")", "", "/", "").Replace(typed)
	return number, otp.CheckRecipient(number)
}
