package otphttp

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

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

func (h *handler) cookieName() string {
	if h.PlainHTTP {
		return "otp-" + h.Purpose
	}
	return "__Host-otp-" + h.Purpose // no other host, and nothing without TLS, can set it
}

// visit reads the cookie. The newest of cookie, store and memory is what the browser waits for: one
// that hung up has an old cookie.
func (h *handler) visit(r *http.Request) (visit, error) {
	cookie, err := r.Cookie(h.cookieName())
	if err != nil {
		cookie = new(http.Cookie)
	}
	session, data, _ := strings.Cut(cookie.Value, ".")
	if len(session) != 26 || strings.Trim(session, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return visit{session: rand.Text()}, nil
	}
	if h.Store != nil {
		if data, err = h.Store.Load(r.Context(), session); err != nil {
			return visit{}, storeFailed(err)
		}
	}
	return visit{session, h.sends.newest(session, h.open(session, data))}, nil
}

func storeFailed(err error) error {
	return &otp.Error{Op: "session", Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Field: "store", Err: err}
}

func (h *handler) binding(session string) guard.Binding {
	return guard.Binding{Purpose: h.Purpose, Session: session}
}

// seal writes p for a cookie or a store, "" for nothing. What is not sealed is for show only.
func (h *handler) seal(session string, p pending) string {
	token, err := h.sealer.Seal(p.Verification, h.binding(session), p.life())
	if err != nil { // it is nothing, or what no vendor gives
		return ""
	}
	return token + "." + strconv.FormatInt(p.again.UnixMilli(), 10) + "." + p.note
}

func (h *handler) open(session, data string) pending {
	token, shown, _ := strings.Cut(data, ".")
	v, err := h.sealer.Open(token, h.binding(session))
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
	if err := h.Store.Save(ctx, session, h.seal(session, p), p.life()); err != nil {
		return storeFailed(err)
	}
	return nil
}

// setCookie hands the browser its session, and without a store what it waits for. No session = the
// cookie goes.
func (h *handler) setCookie(w http.ResponseWriter, v visit) {
	value, life := v.session, int((24 * time.Hour).Seconds())
	switch {
	case v.session == "":
		life = -1
	case h.Store == nil && !v.IsZero():
		value += "." + h.seal(v.session, v.pending)
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // only development does without TLS
		Name: h.cookieName(), Value: value, Path: "/", MaxAge: life,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: !h.PlainHTTP,
	})
}
