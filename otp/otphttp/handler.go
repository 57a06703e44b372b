package otphttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// policy lets a page have scripts and styles of its own host, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// ServeHTTP rejects what is not for this sign-in, and leaves the rest to the steps.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Referrer-Policy", "same-origin")
	if head.Get("Content-Security-Policy") == "" { // the program may have one of its own
		head.Set("Content-Security-Policy", policy)
	}
	name, method := path.Base(r.URL.Path), http.MethodPost // by its last part: the handler may be anywhere
	if strings.HasSuffix(r.URL.Path, "/") {
		name, method = "", http.MethodGet
	}
	step, known := map[string]func(http.ResponseWriter, *http.Request, visit){
		"": h.page, "send": h.first, "resend": h.again, "verify": h.verify,
	}[name]
	var v visit
	var err error
	switch {
	case !h.isHost(r.Host):
		err = badInput(http.StatusMisdirectedRequest, "wrong_host")
	case !known:
		err = badInput(http.StatusNotFound, "not_found")
	case r.Method != method && (r.Method != http.MethodHead || name != ""):
		head.Set("Allow", method)
		if v, err = h.visit(r); err == nil && r.Method == http.MethodGet { // what a step showed is loaded again
			h.setCookie(w, v)
		}
		err = badInput(http.StatusMethodNotAllowed, "wrong_method")
	case h.protect.Check(r) != nil:
		err = badInput(http.StatusForbidden, "foreign")
	case name != "":
		err = read(w, r)
	}
	if err == nil {
		v, err = h.visit(r)
	}
	if err != nil {
		h.fail(w, r, err, "send", v.pending, "")
		return
	}
	step(w, r, v)
}

func (h *handler) page(w http.ResponseWriter, r *http.Request, v visit) {
	p := v.pending
	if r.URL.Query().Has("number") { // the person wants to type another one
		p = pending{}
	}
	h.setCookie(w, v)
	h.answer(w, r, p)
}

func (h *handler) first(w http.ResponseWriter, r *http.Request, v visit) {
	typed := r.PostForm.Get("number")
	number, err := h.Number(typed)
	if err != nil || otp.CheckRecipient(number) != nil {
		h.setCookie(w, v) // every page with a button: the next press may be a double one
		h.fail(w, r, &otp.Error{Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent}, "send", pending{}, typed)
		return
	}
	h.send(w, r, v, otp.SendRequest{To: number}, typed)
}

func (h *handler) again(w http.ResponseWriter, r *http.Request, v visit) {
	if v.IsZero() {
		h.setCookie(w, v)
		h.fail(w, r, badInput(http.StatusBadRequest, "start_again"), "resend", pending{}, "")
		return
	}
	h.send(w, r, v, otp.SendRequest{To: v.To, Previous: &v.Verification}, "")
}

// send sends a code, unless this browser has one for the number that is on its way.
func (h *handler) send(w http.ResponseWriter, r *http.Request, v visit, req otp.SendRequest, typed string) {
	stage, stays := "send", pending{}
	if req.Previous != nil {
		stage, stays = "resend", v.pending
	}
	end, err := h.sends.begin(r.Context(), v.session)
	if err != nil {
		h.fail(w, r, err, stage, stays, typed)
		return
	}
	defer end()
	v.pending = h.sends.newest(v.session, v.pending) // a request may have come before this one
	if v.To == req.To && time.Now().Before(v.again) {
		if v.note == "sent" { // asking again makes nothing surer
			v.note = "early"
		}
	} else {
		ctx, cancel := h.detach(r, v.session, req.To)
		defer cancel()
		var next pending
		if next, err = h.ask(ctx, r, v, req); err != nil {
			h.setCookie(w, v)
			h.fail(w, r, err, stage, stays, typed)
			return
		}
		v.pending = next
	}
	h.setCookie(w, v)
	h.answer(w, r, v.pending)
}

// ask asks the provider for a code. It saves before it sends, so that a store that is down costs no
// text. The error is about a code that was not sent.
func (h *handler) ask(ctx context.Context, r *http.Request, v visit, req otp.SendRequest) (pending, error) {
	req.Locale = preferred(r)[0]
	if h.Request != nil {
		h.Request(r, &req)
	}
	before := v.pending
	if before.To != req.To {
		before = h.lost(req.To)
	}
	before.again = time.Now().Add(h.SendTimeout) // until it is known, no other process sends
	err := h.save(ctx, v.session, before)
	if err != nil {
		h.log(ctx, "send", before, err)
		return pending{}, err
	}
	// A panic may come after a text.
	sent, err := safely.Value(func() (otp.Verification, error) { return h.provider.Send(ctx, req) })
	if err == nil && sent.To != req.To { // or this number's owner would be signed in as another one
		err = &otp.Error{Op: "send", Kind: otp.ErrProtocol, Err: errors.New("the provider answered for another number")}
	}
	if err != nil {
		h.log(ctx, "send", before, err)
	}
	next, err := h.outcome(sent, err, req.To)
	if next.note == "early" && next.ID == v.ID && v.note == "unsure" { // nor does a refusal
		next.note = v.note
	}
	saved := next
	if err != nil {
		saved = v.pending
	}
	h.sends.keep(v.session, saved)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.SendTimeout)
	defer cancel()
	if failed := h.save(ctx, v.session, saved); failed != nil {
		h.log(ctx, "save", saved, failed)
	}
	return next, err
}

// outcome is what a person waits for after a send. The error is about one after which there is
// nothing to wait for.
func (h *handler) outcome(v otp.Verification, err error, number string) (pending, error) {
	now := time.Now()
	if v.SentAt.IsZero() {
		v.SentAt = now.UTC().Round(0)
	}
	var refusal *guard.Refusal
	switch {
	case err == nil:
		return pending{v, now.Add(h.ResendAfter), "sent"}, nil
	case errors.As(err, &refusal) && v.To == number && (refusal.Challenge == 0 || h.Caller == nil):
		return pending{v, now.Add(refusal.RetryAfter), map[bool]string{true: "early", false: "lost"}[v.CanVerify()]}, nil
	case otp.OutcomeOf(err) == otp.OutcomeNotSent:
		return pending{}, err
	case v.CanVerify() && v.To == number:
		return pending{v, now.Add(h.ResendAfter), "unsure"}, nil
	default:
		return h.lost(number), nil
	}
}

// verify checks a code. A right one begins the program's own session.
func (h *handler) verify(w http.ResponseWriter, r *http.Request, v visit) {
	if v.IsZero() {
		h.setCookie(w, v)
		h.fail(w, r, badInput(http.StatusBadRequest, "start_again"), "verify", pending{}, "")
		return
	}
	ctx, cancel := h.detach(r, v.session, v.To)
	defer cancel()
	err := safely.Err(func() error { return h.provider.Verify(ctx, v.Verification, r.PostForm.Get("code")) })
	if err != nil {
		h.log(ctx, "verify", v.pending, err)
		h.setCookie(w, v)
		h.fail(w, r, err, "verify", v.pending, "")
		return
	}
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), h.SendTimeout)
	defer cancel()
	h.sends.keep(v.session, pending{})
	if err := h.save(ctx, v.session, pending{}); err != nil {
		h.log(ctx, "save", v.pending, err) // the guard and the vendor accept a code once anyway
	}
	h.setCookie(w, visit{})
	h.OnVerified(w, r.WithContext(ctx), v.Verification)
}

func (h *handler) log(ctx context.Context, what string, p pending, err error) {
	h.Logger.WarnContext(ctx, "otphttp: "+what+" failed", "to", otp.Mask(p.To), "err", err)
}

// Serve serves HTTP on l until ctx ends, with time limits for slow clients. Then it takes no more
// requests, and waits up to 20 seconds for those under way, which ctx does not cancel: no text that
// is being sent is cut off or forgotten. Nil means that all of them were answered.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	lasting := context.WithoutCancel(ctx)
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 90 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10, BaseContext: func(net.Listener) context.Context { return lasting },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(lasting, 20*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
