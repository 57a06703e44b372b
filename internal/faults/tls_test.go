package faults_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// The certificates of the vendor's servers: one that is right, one that nobody vouches for, and one for another host.
var (
	rightCertificate   = sync.OnceValue(func() *tls.Config { return serverConfig("127.0.0.1", "") })
	unknownCertificate = sync.OnceValue(func() *tls.Config { return serverConfig("127.0.0.1", "") })
	othersCertificate  = sync.OnceValue(func() *tls.Config { return serverConfig("", "vendor.example") })
)

// serverConfig makes a certificate that vouches for itself.
func serverConfig(ip, host string) *tls.Config {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		BasicConstraintsValid: true, IsCA: true,
	}
	if ip != "" {
		template.IPAddresses = []net.IP{net.ParseIP(ip)}
	}
	if host != "" {
		template.DNSNames = []string{host}
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		panic(err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: private}},
		MinVersion:   tls.VersionTLS12,
	}
}

// trusting is a caller's transport that trusts all of the servers' certificates but the unknown one, and would speak
// HTTP/2 if it were asked to.
func trusting() *http.Transport {
	pool := x509.NewCertPool()
	for _, config := range []*tls.Config{rightCertificate(), othersCertificate()} {
		certificate, err := x509.ParseCertificate(config.Certificates[0].Certificate[0])
		if err != nil {
			panic(err)
		}
		pool.AddCert(certificate)
	}
	return &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true,
	}
}
