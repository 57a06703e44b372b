package otphttp

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

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
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.Trim(host, "[]"), ".")
	return len(h.Hosts) == 0 || slices.ContainsFunc(h.Hosts, func(own string) bool { return strings.EqualFold(own, host) })
}
