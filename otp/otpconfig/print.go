package otpconfig

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
)

// shown is what may be seen of a Config.
type shown struct {
	Providers  map[string]string `json:"providers,omitempty"   yaml:"providers,omitempty"` // the vendors by name
	Send       string            `json:"send,omitempty"        yaml:"send,omitempty"`
	VerifyOnly []string          `json:"verify_only,omitempty" yaml:"verify_only,omitempty"`
}

func (c Config) shown() shown {
	if c.plan == nil {
		return shown{}
	}
	p := c.plan()
	s := shown{Providers: make(map[string]string), Send: p.send.String(), VerifyOnly: p.verifyOnly}
	for _, i := range p.instances {
		s.Providers[i.name] = i.vendorName
	}
	return s
}

// String describes c on one line: "main (kaleyra), backup (insider); send: failover(main, backup)".
func (c Config) String() string {
	if c.plan == nil {
		return "no provider"
	}
	p := c.plan()
	var all []string
	for _, i := range p.instances {
		all = append(all, i.name+" ("+i.vendorName+")")
	}
	text := strings.Join(all, ", ") + "; send: " + p.send.String()
	if len(p.verifyOnly) > 0 {
		text += "; verify only: " + strings.Join(p.verifyOnly, ", ")
	}
	return text
}

// Format is [Config.String] under every verb.
func (c Config) Format(s fmt.State, _ rune) { _, _ = fmt.Fprint(s, c.String()) }

// LogValue is what may be seen of c, for log/slog.
func (c Config) LogValue() slog.Value { return slog.AnyValue(c.shown()) }

// MarshalJSON writes what may be seen of c. It cannot be read back.
func (c Config) MarshalJSON() ([]byte, error) { return json.Marshal(c.shown()) }

// MarshalYAML is like MarshalJSON.
func (c Config) MarshalYAML() (any, error) { return c.shown(), nil }
