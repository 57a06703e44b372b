package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

//go:embed page.html static
var files embed.FS

const purpose, pendingLength = "signin", 10 * time.Minute

type app struct {
	guard    *guard.Guard
	cooldown time.Duration
	phones   string // the page of the simulated phones, "" = real ones
	log      *slog.Logger
	sealer   *guard.Sealer
	page     *template.Template
	sessions sessions
}

// view is what the page shows: the step of a person who is signed in, who waits for a code, or who is new.
type view struct {
	SignedIn, Waiting           bool
	Number, Error, Note, Phones string
	Seconds                     int // until a further code
}

func newApp(provider otp.Provider, cooldown time.Duration, phones string, log *slog.Logger) (http.Handler, error) {
	guarded, err1 := guard.New(provider, guard.WithCooldown(cooldown)) // add guard.AllowCountries: where your users are
	sealer, err2 := guard.NewSealer([]byte(rand.Text() + rand.Text())) // several machines need the same key
	page, err3 := template.ParseFS(files, "page.html")
	a := &app{guarded, cooldown, phones, log, sealer, page, sessions{byID: make(map[string]session)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.home)
	mux.Handle("GET /static/{file}", http.FileServerFS(files))
	mux.HandleFunc("POST /send", a.send)
	mux.HandleFunc("GET /code", a.code)
	mux.HandleFunc("POST /code", a.verify)
	mux.HandleFunc("POST /signout", a.signOut)
	handler := http.NewCrossOriginProtection().Handler(mux) // against CSRF; the cookies' SameSite is another layer
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; "+
			"img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
		handler.ServeHTTP(w, r)
	}), errors.Join(err1, err2, err3)
}

func (a *app) home(w http.ResponseWriter, r *http.Request) {
	number := a.sessions.number(cookie(r, "session"))
	a.show(w, 200, view{SignedIn: number != "", Number: number})
}

// send has a code sent to any number, and looks at no account: whether a number has one shows neither in the answer nor in
// its time. Only who has typed the code learns it. What strangers' numbers cost is limited by the guard.
func (a *app) send(w http.ResponseWriter, r *http.Request) {
	browser := cmp.Or(cookie(r, "session"), rand.Text()) // nobody's session yet: it binds the code to this browser
	typed := r.PostFormValue("number")
	earlier, _, _ := a.pending(r) // a further code is for the same number
	number := cmp.Or(strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(typed), earlier.To)
	v, err := a.guard.Send(caller(r, browser), otp.SendRequest{To: number})
	token, none := a.sealer.Seal(v, guard.Binding{Purpose: purpose, Session: browser}, pendingLength)
	if err != nil {
		a.log.Warn("send", "to", otp.Mask(number), "err", err)
	}
	if none != nil { // no code is on its way
		status, text := words(err, "We cannot send a code right now. This is our fault. Try again in a minute.")
		a.show(w, status, view{Number: typed, Error: text})
		return
	}
	to, wait := "/code", a.cooldown
	var refusal *guard.Refusal
	switch {
	case errors.As(err, &refusal):
		to, wait = "/code?early", refusal.RetryAfter
	case err != nil:
		to = "/code?unsure"
	}
	a.setCookie(w, "session", browser, sessionLength)
	a.setCookie(w, "pending", token+"."+strconv.FormatInt(time.Now().Add(wait).UnixMilli(), 10), pendingLength)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (a *app) code(w http.ResponseWriter, r *http.Request) {
	v, seconds, ok := a.pending(r)
	if !ok {
		a.show(w, 422, view{Error: "This took too long. Start again."})
		return
	}
	a.show(w, 200, view{Waiting: true, Number: v.To, Note: r.URL.RawQuery, Seconds: seconds})
}

func (a *app) verify(w http.ResponseWriter, r *http.Request) {
	v, seconds, ok := a.pending(r)
	if !ok {
		a.code(w, r)
		return
	}
	err := a.guard.Verify(caller(r, cookie(r, "session")), v, strings.ReplaceAll(r.PostFormValue("code"), " ", ""))
	if err != nil {
		a.log.Warn("verify", "verification", v, "err", err)
		status, text := words(err, "We cannot check the code right now. It was not wrong. Type it again in a minute.")
		a.show(w, status, view{Waiting: true, Number: v.To, Error: text, Seconds: seconds})
		return
	}
	a.setCookie(w, "pending", "", -time.Second)
	a.sessions.end(cookie(r, "session")) // one of an earlier sign-in
	a.setCookie(w, "session", a.sessions.start(v.To), sessionLength)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) signOut(w http.ResponseWriter, r *http.Request) {
	a.sessions.end(cookie(r, "session"))
	a.setCookie(w, "session", "", -time.Second)
	a.setCookie(w, "pending", "", -time.Second)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *app) show(w http.ResponseWriter, status int, v view) {
	v.Phones = a.phones
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = a.page.Execute(w, v) // fails only when the browser has gone
}

// pending is the code that this browser waits for, and the seconds until a further one, which are only for show.
func (a *app) pending(r *http.Request) (v otp.Verification, seconds int, ok bool) {
	token, again, _ := strings.Cut(cookie(r, "pending"), ".")
	v, err := a.sealer.Open(token, guard.Binding{Purpose: purpose, Session: cookie(r, "session")})
	at, _ := strconv.ParseInt(again, 10, 64)
	return v, max(0, int((time.Until(time.UnixMilli(at))+time.Second-1)/time.Second)), err == nil
}

// caller is who asks. Behind a proxy RemoteAddr is the proxy: take the address from what yours sets, and nobody else can.
func caller(r *http.Request, browser string) context.Context {
	from, _ := netip.ParseAddrPort(r.RemoteAddr)
	return guard.WithCaller(r.Context(), guard.Caller{Purpose: purpose, IP: from.Addr(), Session: browser})
}

func cookie(r *http.Request, name string) string {
	c, _ := r.Cookie(name) // nil = there is none
	return cmp.Or(c, new(http.Cookie)).Value
}

// setCookie keeps a value out of reach of scripts, of other sites and, with real vendors, of plain HTTP: whether the person
// has come by HTTPS, a program behind a proxy cannot see.
func (a *app) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // only the simulator does without HTTPS
		Name: name, Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: a.phones == "",
	})
}
