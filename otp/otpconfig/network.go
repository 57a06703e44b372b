package otpconfig

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"
)

// network is how a provider reaches its vendor, where that is not the program's way.
type network struct {
	ca, cert, key string // PEM
	proxy         string
}

func (r reader) network(path string, n *node, settings common) network {
	found := network{
		ca: r.pem(path, n, "ca_file", "ca_file"), proxy: settings.Proxy,
		cert: r.pem(path, n, "client_cert_file", "client_key_file"),
		key:  r.pem(path, n, "client_key_file", "client_cert_file"),
	}
	if r.has(path) {
		return found // perhaps with a file that could not be read
	}
	if field, rule := found.set(new(http.Transport)); rule != "" {
		r.add(join(path, field), n.placeOf(field), rule)
	}
	return found
}

// pem is what stands in the file that a field names, which another field has to go with.
func (r reader) pem(path string, n *node, field, other string) string {
	named := n.member(field)
	if named == nil {
		return ""
	}
	content, ok := r.contents(join(path, field), named)
	if ok && !strings.Contains(content, "-----BEGIN ") {
		r.add(join(path, field), named.at, "must hold PEM")
	}
	if n.member(other) == nil {
		r.add(join(path, other), named.at, "is missing; "+field+" needs it")
	}
	return content
}

// set puts n into a transport. It returns the field that is wrong, and the rule that it breaks.
func (n network) set(t *http.Transport) (field, rule string) {
	if t.TLSClientConfig == nil {
		t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if n.ca != "" {
		t.TLSClientConfig.RootCAs = x509.NewCertPool()
		if !t.TLSClientConfig.RootCAs.AppendCertsFromPEM([]byte(n.ca)) {
			return "ca_file", "must hold certificates in PEM"
		}
	}
	if n.cert != "" {
		pair, err := tls.X509KeyPair([]byte(n.cert), []byte(n.key))
		if err != nil {
			return "client_cert_file", "must hold certificates in PEM, of which the first fits client_key_file"
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	if n.proxy != "" {
		proxy, err := url.Parse(n.proxy)
		if err != nil || proxy.Hostname() == "" || proxy.Scheme != "http" && proxy.Scheme != "https" && proxy.Scheme != "socks5" {
			return "proxy", `must be a URL such as "http://host:3128", of http, https or socks5`
		}
		t.Proxy = http.ProxyURL(proxy)
	}
	return "", ""
}

// client is the program's client, which may be nil, with n put into it.
func (n network) client(program *http.Client) (*http.Client, error) {
	client := new(http.Client)
	if program != nil {
		*client = *program
	}
	if client.Transport == nil {
		client.Transport = http.DefaultTransport //nolint:forbidigo // only copied
	}
	shared, ok := client.Transport.(*http.Transport)
	if !ok || shared.DialTLSContext != nil || shared.DialTLS != nil { //nolint:staticcheck // programs may still have it
		return nil, misconfigured("", "must not have ca_file, proxy or client_cert_file, because the program brings a transport of its own")
	}
	own := shared.Clone()
	if field, rule := n.set(own); rule != "" {
		return nil, misconfigured(field, rule)
	}
	client.Transport = own
	return client, nil
}
