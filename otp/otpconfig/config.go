package otpconfig

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// Config is a configuration that was read and checked as a whole. Make one with [Load], [Parse] or
// [FromEnv]; the zero Config has no provider. It never changes and is safe for concurrent use.
// However it is printed, it shows its providers' names and vendors and the strategy, and nothing
// else.
type Config struct {
	plan   func() *plan // in a closure, where nothing that prints structures finds the secrets
	shared *otp.Shared  // what the clients of one account share, also over reloads

	where func(path string) string // in the file something with this path stands
}

// Load reads the file at path, whose name ends in .yaml, .yml or .json, and ${NAME} from the
// environment. Everything that is wrong is reported at once, as an otp.ErrMisconfigured for each
// problem: Field is the path in the file ("providers.main.api_key"), and no error shows a value.
func Load(path string) (*Config, error) { return Vendors().Load(path) }

// Parse reads data, whose format is "yaml" or "json". It is [Load] otherwise.
func Parse(data []byte, format string) (*Config, error) { return Vendors().Parse(data, format) }

// Load is [Load] for the vendors in r.
func (r *Registry) Load(path string) (*Config, error) {
	return r.load(absolute(path), path, io.Discard)
}

// absolute keeps a path from meaning another file when the program goes to another folder.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// load also copies everything that it reads from files to seen. Errors show the path as it was
// given.
func (r *Registry) load(path, shown string, seen io.Writer) (*Config, error) {
	into := reader{problems: &problems{file: shown}, registry: r, path: path, seen: seen}
	data, rule := readFile(path, mostBytes, seen)
	if rule != "" {
		into.add("", position{}, rule)
		return nil, into.err()
	}
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(path)), ".")
	return r.read(data, format, into)
}

// Parse is [Parse] for the vendors in r.
func (r *Registry) Parse(data []byte, format string) (*Config, error) {
	return r.read(data, format, reader{problems: new(problems), registry: r, seen: io.Discard})
}

func (r *Registry) read(data []byte, format string, into reader) (config *Config, err error) {
	defer noPanic(&err)
	var root *node
	switch {
	case len(data) > mostBytes:
		into.addf("", position{}, "must not be larger than %d KiB", mostBytes>>10)
	case format == "yaml" || format == "yml":
		root = parseYAML(data, into.problems)
	case format == "json":
		root = parseJSON(data, into.problems)
	default:
		into.add("", position{}, "must be of the format yaml, yml or json")
	}
	if root == nil {
		return nil, into.err()
	}
	expander{into.problems, r.lookup()}.expand("", root)
	return into.config(root)
}

func (r reader) config(root *node) (*Config, error) {
	r.trial, r.common = trial(), settingsFields()
	p := r.plan(root)
	if err := r.err(); err != nil {
		return nil, err
	}
	return &Config{
		plan: func() *plan { return p }, shared: new(otp.Shared),
		where: func(path string) string { return r.where(root.find(path)) },
	}, nil
}

// build makes the providers. An error says where in the file its fault is.
func (c *Config) build(b *assembly) (otp.Provider, error) {
	made, err := c.plan().build(b)
	var failure *otp.Error
	if errors.As(err, &failure) && failure.Field != "" && failure.Err != nil {
		return nil, misconfigured(failure.Field, failure.Err.Error()+c.where(failure.Field))
	}
	return made, err
}

// Provider makes the clients of all providers, and the routers above them. It makes no request.
// Each call makes new clients. Those of one account (its vendor, host, and key, SID, instance or
// login) share their limits, the pauses that the vendor has asked for, and their breaker, whatever
// their names.
//
// opts are for every client: a transport, a logger, a user agent. What the file says of a client
// goes before them. otp.WithName is refused, because names come from the file.
func (c *Config) Provider(opts ...otp.Option) (otp.Provider, error) {
	if c == nil || c.plan == nil {
		return nil, misconfigured("", "must be made with Load, Parse or FromEnv")
	}
	if err := checkOptions(opts); err != nil {
		return nil, err
	}
	return c.build(&assembly{shared: c.shared, options: opts})
}

// Warnings are what is dangerous in a configuration that is right, each with its path: plain http,
// test numbers that have ended or may be somebody's, a guard that lets everything pass while its
// store fails. A program should log them.
func (c *Config) Warnings() []string {
	if c == nil || c.plan == nil {
		return nil
	}
	var all []string
	p := c.plan()
	for _, i := range p.instances {
		if i.settings.PlainHTTP {
			all = append(all, i.path("plain_http")+": lets keys, numbers and codes travel unencrypted; it is for simulators")
		}
	}
	if p.guard != nil && p.guard.FailOpen {
		all = append(all, "guard.fail_open: lets everybody be texted while the store fails")
	}
	if p.test != nil && p.test.hasEnded() {
		all = append(all, "test_numbers.until: has passed; remove the test numbers")
	}
	if p.test != nil && p.test.AllowReal {
		all = append(all, "test_numbers.allow_real: lets whoever knows the code sign in as the number's owner")
	}
	return all
}

// checkOptions finds what is wrong with the program's options, so that the file is not blamed.
func checkOptions(opts []otp.Option) error {
	set, err := otp.Apply(opts...)
	if err != nil {
		return configError(err)
	}
	if set.Name != "" {
		return misconfigured("name", "must come from the configuration: leave otp.WithName out")
	}
	return nil
}

// configError makes a refusal of an option or a composite one of the configuration.
func configError(err error) error {
	var refused *otp.Error
	if !errors.As(err, &refused) {
		return &otp.Error{Op: "config", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Err: err}
	}
	if refused.Provider == "" {
		refused.Op = "config"
	}
	return err
}

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
