package otphttp

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// View is the step that a person is at: what a page shows, and what JSON is answered with.
type View struct {
	// Step is "number" when the person is to type a number, "code" when a code is on its way. Number
	// is as it was typed, then in E.164.
	Step   string `json:"step"`
	Number string `json:"number,omitempty"`
	// Error is what went wrong, Note what is under way, for the person. "" = nothing.
	Error string `json:"error,omitempty"`
	Note  string `json:"note,omitempty"`
	// CanType says that a code can be typed. If not, the person needs another one.
	CanType bool `json:"can_type"`
	// Resend is what to call sending again, in ResendIn seconds: it says so when another code goes by
	// another way. ResendWait is what to call it until then, with {seconds} in it for a countdown.
	Resend     string `json:"resend,omitempty"`
	ResendIn   int    `json:"resend_in,omitempty"`
	ResendWait string `json:"resend_wait,omitempty"`
	// Challenge is the number of the challenge that the guard wants first: see [guard.Refusal]. 0 =
	// none.
	Challenge int `json:"challenge,omitempty"`
	// Language is the tag of the language that all of this is in: "en".
	Language string `json:"language"`
}

// view is the step of who waits for p.
func (h *handler) view(r *http.Request, p pending) View {
	l := h.language(r)
	if p.IsZero() {
		return View{Step: "number", Language: l.tag}
	}
	view := View{
		Step: "code", Number: p.To, Note: l.texts["note."+p.note], CanType: p.CanVerify() && !p.expired(), Language: l.tag,
		Resend: l.texts["resend"], ResendIn: seconds(time.Until(p.again)), ResendWait: l.texts["resend_wait"],
	}
	if ways(h.provider, otp.SendRequest{To: p.To}, 20) > 1 {
		view.Resend = l.texts["resend_else"]
	}
	if p.expired() {
		view.Note = l.texts["note.expired"]
	}
	return view
}

// fail answers with an error to who waits for p. Typed is the number that the person typed.
func (h *handler) fail(w http.ResponseWriter, r *http.Request, err error, stage string, p pending, typed string) {
	found, l := describe(err, stage), h.language(r)
	if h.Caller == nil && found.Challenge > 0 { // nobody would say that it was passed
		found.Challenge = 0
		found.answer()
	}
	if h.Page == nil || wantsJSON(r) {
		found.write(w, l)
		return
	}
	view := h.view(r, p)
	view.Error, view.Challenge = found.text(l), found.Challenge
	if p.IsZero() {
		view.Number = typed
	}
	if found.stage == "resend" {
		view.ResendIn = max(view.ResendIn, found.RetryAfter)
	}
	if view.CanType = view.CanType && !found.spent(); !view.CanType {
		view.Note = "" // the error says more
	}
	h.show(w, found, view)
}

// answer answers with the step of who waits for p: a form with a redirect to the page.
func (h *handler) answer(w http.ResponseWriter, r *http.Request, p pending) {
	switch {
	case h.Page == nil || wantsJSON(r):
		body, _ := json.Marshal(h.view(r, p)) // strings, numbers and booleans
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(append(body, '\n'))
	case r.Method == http.MethodPost:
		w.Header().Set("Location", "./") // from whatever path the handler has
		w.WriteHeader(http.StatusSeeOther)
	default:
		h.show(w, &problem{Status: http.StatusOK}, h.view(r, p))
	}
}

func (h *handler) show(w http.ResponseWriter, p *problem, view View) {
	var page bytes.Buffer
	if err := safely.Err(func() error { return h.Page(&page, view) }); err != nil {
		h.Logger.Error("otphttp: the page cannot be written", "err", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	p.header(w, "text/html; charset=utf-8")
	_, _ = page.WriteTo(w) // fails only when the browser has gone
}

// ways counts the providers that can send req, in a tree that is no deeper than depth.
func ways(p otp.Provider, req otp.SendRequest, depth int) (n int) {
	var children []otp.Provider
	switch wrapper := p.(type) {
	case otp.Selector:
		children, _ = wrapper.Senders(req) // none may
	case otp.Wrapper:
		children = wrapper.Unwrap()
	default:
		if otp.CanSend(p, req) == nil {
			return 1
		}
	}
	for _, child := range children[:min(len(children), depth)] {
		n += ways(child, req, depth-1)
	}
	return n
}
