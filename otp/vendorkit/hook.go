package vendorkit

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/naming"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// Hook is one kind of call that a vendor makes to us.
type Hook struct {
	Path string // what follows the secret in the URL: "", or segments of which one may be "{reference}"

	// Methods are those of the call. GET and HEAD beside them are answered like the call and report
	// nothing, because vendors test URLs with them; any other is 405. Empty = every method.
	Methods []string

	// Header is where the vendor puts the secret, after Prefix in any case. "" = nowhere.
	Header, Prefix string

	// Read returns what the call reports: the zero Receipt if that is something else, or an error.
	// Provider is filled in, Time if zero, and a "+". A number that is none is dropped.
	Read func(HookCall) (otp.Receipt, error)

	Unreadable int // the status for a call that Read does not understand. 0 = as a good one

	// Repeats: the vendor calls again after a 503.
	Repeats bool

	// Body and AnswerHeader are those of a good answer, a 200.
	Body         string
	AnswerHeader http.Header
}

// HookCall is a call with the right secrets.
type HookCall struct {
	// Request has been read. Its body is empty.
	Request *http.Request

	Body      []byte // valid only while Read runs
	Reference string // the segment of the URL that stands for "{reference}"
}

// Object reads the body as exactly one JSON object.
func (c HookCall) Object() (Object, error) { return Answer{Body: c.Body}.Object() }

func (h *Hook) cut(path string) (rest, reference string, ok bool) {
	const longest = 128
	for pattern := h.Path; pattern != ""; {
		var want, got string
		pattern, want = cutLast(pattern)
		path, got = cutLast(path)
		switch {
		case want == "{reference}" && got != "" && len(got) <= longest && naming.IsPrintable(got):
			reference = got
		case want != got:
			return "", "", false
		}
	}
	return path, reference, true
}

func cutLast(path string) (before, last string) {
	i := strings.LastIndexByte(path, '/')
	return path[:max(i, 0)], path[i+1:]
}

func (h *Hook) takes(method string) bool {
	return len(h.Methods) == 0 || slices.Contains(h.Methods, method)
}

func (h *Hook) write(w http.ResponseWriter, status int) {
	if status == http.StatusOK {
		maps.Copy(w.Header(), h.AnswerHeader)
	}
	w.WriteHeader(status) // net/http adds the length, 0, to an answer without a body
	if status == http.StatusOK && h.Body != "" {
		_, _ = io.WriteString(w, h.Body) //nolint:gosec // a constant of the vendor's package; one that has left needs no answer
	}
}

// ServeHTTP takes one call.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	k := r.core()
	h, reference := k.find(req)
	switch {
	case h == nil:
		k.refuse(req, w, http.StatusNotFound)
	case !h.takes(req.Method) && req.Method != http.MethodGet && req.Method != http.MethodHead:
		w.Header().Set("Allow", strings.Join(h.Methods, ", "))
		k.refuse(req, w, http.StatusMethodNotAllowed)
	case h.Header != "" && !k.hasHeader(req, h):
		k.refuse(req, w, http.StatusUnauthorized)
	case !h.takes(req.Method):
		h.write(w, http.StatusOK)
	default:
		h.write(w, k.serve(w, req, h, reference))
	}
}

// find returns the hook for a URL with the right secret, that of the method if there is one.
func (k *receiver) find(req *http.Request) (found *Hook, reference string) {
	for i := range k.hooks {
		h := &k.hooks[i]
		rest, ref, ok := h.cut(req.URL.Path)
		if _, secret := cutLast(rest); !ok || !k.urls.has(secret) {
			continue
		}
		if h.takes(req.Method) || req.Method == http.MethodHead && h.takes(http.MethodGet) {
			return h, ref
		}
		found, reference = h, ref
	}
	return found, reference
}

func (k *receiver) hasHeader(req *http.Request, h *Hook) bool {
	values := req.Header.Values(h.Header)
	if len(values) != 1 || len(values[0]) < len(h.Prefix) {
		return false
	}
	prefix, secret := values[0][:len(h.Prefix)], values[0][len(h.Prefix):]
	return strings.EqualFold(prefix, h.Prefix) && k.headers.has(secret)
}

func (k *receiver) refuse(req *http.Request, w http.ResponseWriter, status int) {
	k.refused.Add(1)
	k.log(req.Context(), slog.LevelDebug, "receipt refused", otp.Receipt{})
	new(Hook).write(w, status)
}

const maxReceipt = 64 << 10

type buffer struct {
	bytes.Buffer

	limited io.LimitedReader
}

func (b *buffer) read(w http.ResponseWriter, req *http.Request) error {
	if req.Body == nil {
		return nil
	}
	conn, ok := w.(interface{ SetReadDeadline(t time.Time) error }) // a recorder has none
	if ok {
		_ = conn.SetReadDeadline(time.Now().Add(answerWithin))
	}
	b.limited = io.LimitedReader{R: req.Body, N: maxReceipt + 1}
	_, err := b.ReadFrom(&b.limited)
	if ok && err == nil && b.Len() <= maxReceipt {
		_ = conn.SetReadDeadline(time.Time{}) // or it would end the connection while the callback runs
	}
	return err
}

func (k *receiver) serve(w http.ResponseWriter, req *http.Request, h *Hook, reference string) int {
	b, ok := k.buffers.Get().(*buffer)
	if !ok {
		b = new(buffer)
	}
	defer func() {
		clear(b.Bytes()) // it may hold a code
		b.Reset()
		b.limited.R = nil
		k.buffers.Put(b)
	}()
	err := b.read(w, req)
	if b.Len() > maxReceipt {
		return k.unread(req, h, http.StatusRequestEntityTooLarge)
	}
	var receipt otp.Receipt
	if err == nil {
		receipt, err = safely.Value(func() (otp.Receipt, error) {
			return h.Read(HookCall{Request: req, Body: b.Bytes(), Reference: reference})
		})
	}
	if err == nil && receipt.IsZero() {
		return http.StatusOK
	}
	if receipt = k.completed(receipt); err != nil || receipt.ID == "" && receipt.To == "" {
		return k.unread(req, h, h.Unreadable)
	}
	if !k.deliver(req.Context(), receipt) && h.Repeats {
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}

func (k *receiver) unread(req *http.Request, h *Hook, status int) int {
	k.unreadable.Add(1)
	k.log(req.Context(), slog.LevelWarn, "receipt not understood", otp.Receipt{})
	if h.Unreadable == 0 {
		return http.StatusOK
	}
	return status
}

// completed is a receipt with what the receiver knows, and without what cannot be meant.
func (k *receiver) completed(r otp.Receipt) otp.Receipt {
	const longestID, longestWord = 256, 64
	r.Provider = k.name
	if len(r.ID) > longestID || !naming.IsPrintable(r.ID) {
		r.ID = ""
	}
	if r.To != "" && r.To[0] != '+' {
		r.To = "+" + r.To
	}
	if otp.CheckRecipient(r.To) != nil {
		r.To = ""
	}
	r.VendorStatus, r.VendorCode = printable(r.VendorStatus, longestWord), printable(r.VendorCode, longestWord)
	if r.Time = r.Time.UTC().Round(0); r.Time.Year() < 2000 || r.Time.Year() > 9999 {
		r.Time = time.Now().UTC().Round(0)
	}
	return r
}

func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s[:min(len(s), 4*most)])
	return s[:min(len(s), most)]
}

// log never fails a call: the logger comes from outside. A zero receipt is not shown.
func (k *receiver) log(ctx context.Context, level slog.Level, event string, r otp.Receipt) {
	if k.logger == nil {
		return
	}
	attrs := []slog.Attr{slog.String("provider", k.name), slog.Any("receipt", r)}
	if r.IsZero() {
		attrs = attrs[:1]
	}
	_ = safely.Do(func() { k.logger.LogAttrs(ctx, level, event, attrs...) })
}
