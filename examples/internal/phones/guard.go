package phones

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

type guard struct {
	hosts  map[string]bool // beside the loopback ones
	origin *http.CrossOriginProtection
}

func newGuard(allowHosts []string) (guard, error) {
	g := guard{hosts: make(map[string]bool), origin: http.NewCrossOriginProtection()}
	for i, name := range allowHosts {
		if name == "" || strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
			return g, fmt.Errorf("phones: AllowHosts[%d]: must be a host's name or IPv4 address, without scheme and port", i)
		}
		g.hosts[strings.ToLower(name)] = true
	}
	return g, nil
}

// knows says whether a request names a host that this server is for. A page of another host whose
// name suddenly leads here still names its own host.
func (g guard) knows(hostPort string) bool {
	host := strings.ToLower(hostPort)
	if name, port, err := net.SplitHostPort(host); err == nil && strings.Trim(port, "0123456789") == "" {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if ip, err := netip.ParseAddr(host); err == nil && ip.Zone() == "" && ip.Unmap().IsLoopback() {
		return true
	}
	return host == "localhost" || g.hosts[host]
}

// foreign says whether a browser sent the request on behalf of another origin, by the rule for
// writes, for reads as well.
func (g guard) foreign(r *http.Request) bool {
	write := r.WithContext(r.Context())
	write.Method = http.MethodPost
	return g.origin.Check(write) != nil
}

// policy lets the page load what this server serves, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets the headers of every answer; the simulators share the page's origin.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
