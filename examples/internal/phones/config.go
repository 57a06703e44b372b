package phones

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// sampleNumber is invented: a number that is kept free for fiction.
const sampleNumber = "+12025550123"

// VendorConfig is what to paste to let a program talk to a simulator, as the API writes it.
type VendorConfig struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	BaseURL  string    `json:"base_url"`
	Settings []Setting `json:"settings"`
	Go       string    `json:"go"`
	YAML     string    `json:"yaml"`
	Curl     string    `json:"curl"`
	Send     operation `json:"send"`   // the first request of Curl
	Faults   []string  `json:"faults"` // that POST /api/faults knows
	Quirks   []string  `json:"quirks"` // that POST /api/quirks knows
}

// configs are for clients that reach this server at base, "http://127.0.0.1:8025".
func (p *Phones) configs(base string) []VendorConfig {
	var list []VendorConfig
	for _, v := range p.vendor {
		list = append(list, VendorConfig{
			Name: v.Name, Title: v.Title, BaseURL: base + v.Path, Settings: v.Settings,
			Go: v.goCode(base), YAML: v.yaml(base), Curl: v.curl(base), Send: v.send,
			Faults: v.faultNames(), Quirks: v.quirks,
		})
	}
	return list
}

// FirstCode is a command that sends a code to a phone of this server, reached at base.
func (p *Phones) FirstCode(base string) string { return curl(base+p.vendor[0].Path, p.vendor[0].send) }

func (v vendor) all(base string) []Setting {
	return slices.Concat(v.Settings, []Setting{{"base_url", base + v.Path}})
}

func (v vendor) goCode(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "provider, err := %[1]s.New(%[1]s.Config{\n", v.Name)
	width := 0
	for _, s := range v.all(base) {
		width = max(width, len(goName(s.Name)))
	}
	for _, s := range v.all(base) {
		fmt.Fprintf(&b, "\t%-*s %q,\n", width+1, goName(s.Name)+":", s.Value)
	}
	return b.String() + "})\n"
}

// goName is the field of a Config that has this name in YAML.
func goName(name string) string {
	var b strings.Builder
	for _, word := range strings.Split(name, "_") {
		initialism := map[string]string{"api": "API", "id": "ID", "sid": "SID", "url": "URL"}[word]
		b.WriteString(cmp.Or(initialism, strings.ToUpper(word[:1])+word[1:]))
	}
	return b.String()
}

func (v vendor) yaml(base string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "providers:\n  main:\n    vendor: %s\n", v.Name)
	for _, s := range v.all(base) {
		fmt.Fprintf(&b, "    %s: %q\n", s.Name, s.Value)
	}
	return b.String()
}

func (v vendor) curl(base string) string {
	base += v.Path
	typed := "the code from the phone"
	if strings.Contains(v.verify.Body, "REFERENCE") {
		typed += ", and REFERENCE the verify_id of the answer above"
	}
	return fmt.Sprintf("# send a code\n%s\n\n# verify it: CODE is %s\n%s\n", curl(base, v.send), typed, curl(base, v.verify))
}

func curl(base string, o operation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -X %s '%s%s'", o.Method, base, o.Path)
	for _, h := range append(header{{"Content-Type", "application/json"}}, o.Header...) {
		fmt.Fprintf(&b, " \\\n  -H '%s: %s'", h[0], h[1])
	}
	body := strings.NewReplacer("NUMBER", sampleNumber, "DIGITS", strings.TrimPrefix(sampleNumber, "+")).Replace(o.Body)
	fmt.Fprintf(&b, " \\\n  -d '%s'", body)
	return b.String()
}
