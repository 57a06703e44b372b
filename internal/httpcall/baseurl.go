package httpcall

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
)

// parseBaseURL returns the base URL without a trailing slash, or the rule that it breaks. No rule shows the URL: people
// paste keys into it.
func parseBaseURL(raw string, plainHTTP bool) (string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Hostname() == "", u.Opaque != "":
		return "", errors.New(`must be an absolute URL such as "https://host/path"`)
	case u.User != nil:
		return "", errors.New("must not hold a user or password")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return "", errors.New("must not have a query or a fragment")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), isDots):
		return "", errors.New(`must not have "." or ".." in its path`)
	case u.Scheme == "https":
	case u.Scheme == "http" && (plainHTTP || isLoopback(u.Hostname())):
	default:
		return "", errors.New("must be https; plain http is for loopback addresses")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

func isDots(segment string) bool { return segment == "." || segment == ".." }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
