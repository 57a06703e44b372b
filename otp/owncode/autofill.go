package owncode

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
)

// Origin is the web page that a code is for, by "Origin-bound one-time codes delivered via SMS"
// (WICG): browsers fill the code in there, and nowhere else.
type Origin struct {
	// Host is the host of the page, and Embedded that of a frame in it which asks for the code; "" =
	// none. In small letters and Punycode: "example.com", without scheme and port.
	Host, Embedded string
}

var hostForm = regexp.MustCompile(`\A([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])\z`)

const originRule = `must be hosts such as "example.com": small letters, Punycode, no scheme, port or final dot`

func (o Origin) isValid() bool {
	isHost := func(host string) bool { return hostForm.MatchString(host) && len(host) <= 253 }
	return o == Origin{} || isHost(o.Host) && (o.Embedded == "" || isHost(o.Embedded))
}

func (o Origin) line(code string) string {
	line := "@" + o.Host + " #" + code
	if o.Embedded != "" {
		line += " @" + o.Embedded
	}
	return line
}

// ParseOrigin reads the last line of a text as browsers do, and returns the page and the code in
// it. False means that the text has none.
func ParseOrigin(text string) (o Origin, code string, ok bool) {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	line := text[strings.LastIndexByte(text, '\n')+1:]
	host, rest, ok := marked(line, '@')
	if !ok || !strings.HasPrefix(rest, " ") {
		return Origin{}, "", false
	}
	if code, rest, ok = marked(rest[1:], '#'); !ok {
		return Origin{}, "", false
	}
	o.Host = host
	if strings.HasPrefix(rest, " ") {
		o.Embedded, _, _ = marked(rest[1:], '@')
	}
	return o, code, true
}

// marked extracts a token with a marker before it.
func marked(line string, marker byte) (token, rest string, ok bool) {
	if line == "" || line[0] != marker {
		return "", "", false
	}
	token = line[1:]
	if end := strings.IndexAny(token, "\t\n\f\r "); end >= 0 {
		token, rest = token[:end], token[end:]
	}
	return token, rest, token != ""
}

var appHash = regexp.MustCompile(`\A[A-Za-z0-9+/]{11}\z`)

// AppHash is the hash of an Android app, for [Message.AppHash]: by the name of its package and the
// certificate that it is signed with, in DER (Google, "Compute your app's hash string").
func AppHash(packageName string, certificate []byte) string {
	sum := sha256.Sum256([]byte(packageName + " " + hex.EncodeToString(certificate)))
	return base64.StdEncoding.EncodeToString(sum[:9])[:11]
}
