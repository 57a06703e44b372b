package phones

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const maxShown = 4 << 10

// Exchange is one request to a simulator and its answer, as the API writes it, without secrets.
type Exchange struct {
	ID        int       `json:"id"`
	Vendor    string    `json:"vendor"`
	At        time.Time `json:"at"`
	Operation string    `json:"operation"` // "generate"; "" = no operation of the vendor's
	Method    string    `json:"method"`
	Path      string    `json:"path"`         // with the vendor's
	To        string    `json:"to,omitempty"` // the number that it is about; "" = it does not say
	Status    int       `json:"status"`       // 0 = no answer: it hung or was cut off
	Accepted  bool      `json:"accepted"`     // the vendor did what was asked, whatever it answered
	Fault     string    `json:"fault,omitempty"`
	Request   Half      `json:"request"`
	Response  Half      `json:"response"`
}

// Half is one direction of an Exchange.
type Half struct {
	Header header `json:"header"`
	Body   string `json:"body"`
	Cut    bool   `json:"cut,omitempty"` // Body is only the beginning
}

// masked is an exchange as it may be shown: with its codes and numbers.
func (s secrets) masked(v vendor, x otpsim.Exchange) Exchange {
	return Exchange{
		Vendor: v.Name, At: x.At, Operation: x.Operation, Method: x.Method, Path: v.Path + cut(x.Path), To: cut(x.To),
		Status: x.Answer.Status, Accepted: x.Accepted, Fault: x.Fault,
		Request:  s.half(x.Header, x.Body),
		Response: s.half(x.Answer.Header, x.Answer.Body),
	}
}

func (s secrets) half(h http.Header, body []byte) Half {
	hidden, isCut := s.hide(body), false
	if len(hidden) > maxShown {
		hidden, isCut = cut(hidden), true
	}
	return Half{Header: shown(h), Body: hidden, Cut: isCut}
}

func cut(text string) string {
	return strings.Clone(strings.ToValidUTF8(text[:min(len(text), maxShown)], "\uFFFD")) // and let go of the rest
}

// shown lists headers, sorted. Any but the harmless ones may hold a real key, by mistake.
func shown(h http.Header) header {
	list := header{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		value := strings.Join(h[name], ", ")
		if !harmless(name) {
			value = mask
		}
		list = append(list, [2]string{cut(name), cut(value)})
	}
	return list
}

const mask = "••••••"

func harmless(header string) bool {
	return slices.Contains([]string{
		"Accept", "Accept-Encoding", "Allow", "Connection", "Content-Length", "Content-Type", "Location", "Retry-After", "User-Agent",
		"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset",
	}, header)
}

// secrets are the credentials of all simulators: a program may well send one's to another.
type secrets []string

func secretsOf(list []vendor) (all secrets) {
	for _, v := range list {
		for _, setting := range v.Settings {
			if isSecret(setting.Name) {
				all = append(all, setting.Value)
			}
		}
	}
	return all
}

// hide masks in a body the simulators' secrets, and every member that is named like one.
func (s secrets) hide(body []byte) string {
	var members map[string]json.RawMessage
	text := string(body)
	if json.Unmarshal(body, &members) == nil {
		for name, value := range members {
			if isSecret(name) && len(value) > 2 {
				text = strings.ReplaceAll(text, string(value), `"`+mask+`"`)
			}
		}
	}
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, mask)
	}
	return text
}

// isSecret goes by the name of a setting or of a member of a body.
func isSecret(name string) bool {
	plain := strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "_", ""), "-", "")
	return slices.Contains([]string{
		"apikey", "apilogin", "token", "accesstoken", "authorization", "password", "secret", "xinsauthkey",
	}, plain)
}
