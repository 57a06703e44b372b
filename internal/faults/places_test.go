package faults_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// place is where a client looks for the vendor: a base URL, and the caller's own client, or nil.
type place func(*testing.T, *server) (baseURL string, with *http.Client)

func overHTTP(_ *testing.T, s *server) (string, *http.Client) { return "http://" + s.address(), nil }

// overTLS trusts the server's certificate, if it is one of those that can be trusted.
func overTLS(_ *testing.T, s *server) (string, *http.Client) {
	return "https://" + s.address(), &http.Client{Transport: trusting()}
}

// nowhere is an address where nobody listens, and nobody else can begin to: a client's end of a connection has it.
func nowhere(t *testing.T, s *server) (string, *http.Client) {
	t.Helper()
	conn, err := net.Dial("tcp", s.address())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return "http://" + conn.LocalAddr().String(), nil
}

// nowhereByForeignWays has a transport in between that is none of net/http's, so that nobody can tell what it has done.
func nowhereByForeignWays(t *testing.T, s *server) (string, *http.Client) {
	t.Helper()
	baseURL, _ := nowhere(t, s)
	return baseURL, &http.Client{Transport: foreign{new(http.Transport)}}
}

type foreign struct{ http.RoundTripper }

// unknownHost is a name of which a name server, on loopback too, says that there is none such.
func unknownHost(t *testing.T, _ *server) (string, *http.Client) {
	t.Helper()
	dialer := &net.Dialer{Resolver: noSuchName(t)}
	return "https://vendor.invalid", &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
}

func noSuchName(t *testing.T) *net.Resolver {
	t.Helper()
	names, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = names.Close() })
	go denyNames(names)
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", names.LocalAddr().String())
	}}
}

// denyNames answers every question with itself, turned into an answer that there is no such name.
func denyNames(names net.PacketConn) {
	const (
		isAnswer      = 0x80 // in the third byte
		noSuchDomain  = 0x83 // in the fourth: recursion available, NXDOMAIN
		shortestQuery = 12
	)
	message := make([]byte, 1500)
	for {
		n, from, err := names.ReadFrom(message)
		if err != nil {
			return
		}
		if n >= shortestQuery {
			message[2] |= isAnswer
			message[3] = noSuchDomain
			_, _ = names.WriteTo(message[:n], from)
		}
	}
}
