package otphttp

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/guard"
)

// detach returns a context that outlives the browser's patience and has a time of its own, with the
// caller for the guard.
func (h *handler) detach(r *http.Request, session, number string) (context.Context, context.CancelFunc) {
	caller := guard.Caller{Purpose: h.Purpose, IP: h.address(r), Session: session}
	if h.Caller != nil {
		h.Caller(r, number, &caller)
	}
	return context.WithTimeout(guard.WithCaller(context.WithoutCancel(r.Context()), caller), h.SendTimeout)
}

// address is the address of who asks: the last one that is no proxy of ours. What stands before it
// anybody can have written.
func (h *handler) address(r *http.Request) netip.Addr {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr) // not an address = not known
	from := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil || !slices.ContainsFunc(h.Proxies, func(p netip.Prefix) bool { return p.Contains(from) }) {
			break
		}
		from = next.Unmap().WithZone("")
	}
	return from
}

func (h *handler) isHost(host string) bool {
	name := strings.TrimSuffix((&url.URL{Host: host}).Hostname(), ".")
	return len(h.Hosts) == 0 || slices.ContainsFunc(h.Hosts, func(own string) bool { return strings.EqualFold(own, name) })
}

const mostBody, bodyTime = 16 << 10, 10 * time.Second // of a request

// read puts the fields of a form, or of a JSON object of strings, into r.PostForm.
func read(w http.ResponseWriter, r *http.Request) error {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is none is refused below
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	deadline := http.NewResponseController(w)
	_ = deadline.SetReadDeadline(time.Now().Add(bodyTime)) // a recorder has none
	var err error
	switch {
	case r.ContentLength == 0 || media == "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case media == "application/json":
		err = readJSON(r)
	default:
		return badInput(http.StatusUnsupportedMediaType, "wrong_content")
	}
	if err != nil && !errors.As(err, new(*http.MaxBytesError)) {
		return badInput(http.StatusBadRequest, "bad_request")
	}
	_ = deadline.SetReadDeadline(time.Time{})
	return err
}

func readJSON(r *http.Request) error {
	var fields map[string]string
	body, err := io.ReadAll(r.Body)
	if err = cmp.Or(err, json.Unmarshal(body, &fields)); err != nil {
		return err
	}
	r.PostForm = make(url.Values, len(fields))
	for name, value := range fields {
		r.PostForm.Set(name, value)
	}
	r.Form = r.PostForm
	return nil
}

// wantsJSON reports whether r is of a program, not of a page.
func wantsJSON(r *http.Request) bool {
	contentType := strings.ToLower(r.Header.Get("Content-Type"))
	return strings.HasPrefix(contentType, "application/json") || strings.Contains(r.Header.Get("Accept"), "json")
}
