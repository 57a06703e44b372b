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
func parseBaseURL(raw string, plainHTTP bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Hostname() == "", u.Opaque != "":
		return nil, errors.New(`must be an absolute URL such as "https://host/path"`)
	case u.User != nil:
		return nil, errors.New("must not hold a user or password")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "#"):
		return nil, errors.New("must not have a query or a fragment")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), isDots):
		return nil, errors.New(`must not have "." or ".." in its path`)
	case u.Scheme == "https":
	case u.Scheme == "http" && (plainHTTP || isLoopback(u.Hostname())):
	default:
		return nil, errors.New("must be https; plain http is for loopback addresses")
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), strings.TrimRight(u.RawPath, "/")
	return u, nil
}

func isDots(segment string) bool { return segment == "." || segment == ".." }

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
