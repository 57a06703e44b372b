package otphttp

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// pending is what a browser waits for. Its zero value is nothing.
type pending struct {
	otp.Verification

	again time.Time // when another code may be asked for
	note  string    // "sent", "early", "unsure" or "lost"
}

// visit is what is known of a browser that makes a request.
type visit struct {
	session string // random, in the cookie
	pending
}

// life is how long p is kept: longer than its code, so that it can be sent again.
func (p pending) life() time.Duration {
	return min(max(time.Until(p.ExpiresAt)+10*time.Minute, 15*time.Minute), 24*time.Hour)
}

func (p pending) expired() bool { return !p.ExpiresAt.IsZero() && time.Until(p.ExpiresAt) <= 0 }

// lost is a send of which nothing is known.
func (h *handler) lost(number string) pending {
	now := time.Now().UTC().Round(0)
	return pending{otp.Verification{Provider: h.provider.Name(), ID: otp.RandomID(false), To: number, SentAt: now}, now, "lost"}
}

// visit reads the cookie. The newest of cookie, store and memory is what the browser waits for: one
// that hung up has an old cookie.
func (h *handler) visit(r *http.Request) (visit, error) {
	cookie, err := r.Cookie(h.cookie)
	if err != nil {
		cookie = new(http.Cookie)
	}
	session, data, _ := strings.Cut(cookie.Value, ".")
	if len(session) != 26 || strings.Trim(session, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return visit{session: rand.Text()}, nil
	}
	if h.Store != nil {
		ctx, cancel := context.WithTimeout(r.Context(), h.SendTimeout)
		defer cancel()
		if data, err = safely.Value(func() (string, error) { return h.Store.Load(ctx, session) }); err != nil {
			return visit{}, storeFailed(err)
		}
	}
	return visit{session, h.sends.newest(session, h.open(session, data))}, nil
}

func storeFailed(err error) error {
	return &otp.Error{Op: "session", Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Field: "store", Err: err}
}

// seal writes p for a cookie or a store, "" for nothing. What is not sealed is for show only.
func (h *handler) seal(session string, p pending) string {
	token, err := h.sealer.Seal(p.Verification, guard.Binding{Purpose: h.Purpose, Session: session}, p.life())
	if err != nil { // it is nothing, or what no vendor gives
		return ""
	}
	return token + "." + strconv.FormatInt(p.again.UnixMilli(), 10) + "." + p.note
}

func (h *handler) open(session, data string) pending {
	token, shown, _ := strings.Cut(data, ".")
	v, err := h.sealer.Open(token, guard.Binding{Purpose: h.Purpose, Session: session})
	if err != nil {
		return pending{}
	}
	again, note, _ := strings.Cut(shown, ".")
	at, _ := strconv.ParseInt(again, 10, 64)
	return pending{v, time.UnixMilli(at), note}
}

// save keeps p in the store, if there is one.
func (h *handler) save(ctx context.Context, session string, p pending) error {
	if h.Store == nil {
		return nil
	}
	data := h.seal(session, p)
	if err := safely.Err(func() error { return h.Store.Save(ctx, session, data, p.life()) }); err != nil {
		return storeFailed(err)
	}
	return nil
}

// setCookie hands the browser its session, and without a store what it waits for. No session = the
// cookie goes.
func (h *handler) setCookie(w http.ResponseWriter, v visit) {
	value, life := v.session, int((24 * time.Hour).Seconds())
	if v.session == "" {
		life = -1
	} else if h.Store == nil && !v.IsZero() {
		value += "." + h.seal(v.session, v.pending)
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // only development does without TLS
		Name: h.cookie, Value: value, Path: "/", MaxAge: life,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !h.PlainHTTP,
	})
}

// sends knows the latest send of each session: a browser that has hung up did not get its cookie.
type sends struct {
	mu  sync.Mutex
	all map[string]*latest
}

type latest struct {
	busy chan struct{} // is full while a send is under way
	pending
}

const mostRecent, recentTime = 10_000, 10 * time.Minute // of sends that are remembered

// begin waits until no other send of the session is under way.
func (s *sends) begin(ctx context.Context, session string) (end func(), err error) {
	s.mu.Lock()
	one := s.all[session]
	if one == nil {
		s.makeRoom()
		one = &latest{busy: make(chan struct{}, 1)}
		s.all[session] = one
	}
	s.mu.Unlock()
	select {
	case one.busy <- struct{}{}:
		return func() { <-one.busy }, nil
	case <-ctx.Done():
		return nil, &otp.Error{Op: "send", Kind: otp.ErrCanceled, Outcome: otp.OutcomeNotSent, Err: ctx.Err()}
	}
}

// makeRoom drops a tenth when there are too many: the old ones, and others if not enough are old.
func (s *sends) makeRoom() {
	if len(s.all) < mostRecent {
		return
	}
	for _, age := range []time.Duration{recentTime, 0} {
		for id, one := range s.all {
			if len(s.all) > mostRecent*9/10 && len(one.busy) == 0 && time.Since(one.SentAt) >= age {
				delete(s.all, id)
			}
		}
	}
}

// newest is p, or what came of a later send of the session.
func (s *sends) newest(session string, p pending) pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.all[session]; one != nil && one.SentAt.After(p.SentAt) && time.Since(one.SentAt) < recentTime {
		return one.pending
	}
	return p
}

// keep remembers what came of a send that is under way. Nothing = it is forgotten.
func (s *sends) keep(session string, p pending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one := s.all[session]; one != nil {
		one.pending = p
	}
}
