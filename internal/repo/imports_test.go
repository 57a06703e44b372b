package repo

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A vendor has a simulator below it; nothing else is that way.
func isVendor(p pkg) bool {
	return p.importable() && !strings.Contains(p.path(), "/") && p.path() != "otp"
}

func isSimulator(p pkg) bool {
	folder, name := path.Split(p.path())
	return folder != "" && name == path.Base(folder)+"test" && !strings.HasPrefix(folder, "otp/")
}

// rules say which packages beyond the standard library a package may import. The first rule that a
// package fits counts. The linter says the same of most of them, in the editor; this is about all,
// and of what they need in turn.
var rules = []struct{ name, packages, may string }{
	{"the contract", `otp`, `internal/(naming|newest|safely)|golang\.org/x/time/rate`},
	{"the kit of the vendors", `otp/vendorkit`, `otp|internal/(naming|newest|redact|safely)|golang\.org/x/time/rate|github\.com/hashicorp/go-retryablehttp`},
	{"the kit of the simulators", `otp/otpsim`, ``},
	{"configuration, which names all vendors", `otp/otpconfig`, `otp(/.*)?|[a-z]+|internal/(check|naming|redact|safely|tree)|go\.yaml\.in/yaml/v3`},
	{"OpenTelemetry, a module of its own", `otp/otpotel`, `otp(/guard)?|internal/(callingcode|newest)|go\.opentelemetry\.io/otel/.*`},
	{"phone numbers, a module of its own", `otp/otpphone`, `otp|github\.com/nyaruka/phonenumbers`},
	{"HTTP", `otp/otphttp`, `otp(/guard)?|internal/safely`},
	{"Redis, a module of its own", `otp/otpredis(/.*)?`, `otp(/.*)?|github\.com/redis/go-redis/v9(/.*)?`},
	{"for tests of users", `otp(/[a-z]+)?/[a-z]+test`, `otp(/.*)?|internal/(check|redact)|github\.com/stretchr/testify/.*`},
	{"what builds on the contract", `otp/.*`, `otp(/.*)?|internal/(callingcode|check|doubt|naming|newest|redact|safely|tree)|github\.com/sony/gobreaker/v2`},
	{"a vendor, which has what a stranger has", `[a-z]+`, `otp(/vendorkit)?`},
	{"tests of the repository", `internal/simtest(/.*)?`, `.*`},
	{"what is shared inside of this module", `internal/[a-z]+`, `otp|internal/(check|redact|naming|safely|tree)`},
	{"a vendor outside, which has what a stranger has", `examples/camara`, `otp(/vendorkit)?|golang\.org/x/oauth2(/clientcredentials)?`},
	{"the simulator of that vendor", `examples/camara/camaratest`, `otp/otpsim`},
	{"examples", `examples/.*`, `.*`},
	{"a simulator", `[a-z]+/[a-z]+test`, `otp/otpsim`},
}

func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t, func(p pkg) bool { return len(p.GoFiles) > 0 }) {
		name, may := ruleOf(p)
		if !assert.NotEmpty(t, name, "no rule says what %s may import", p.path()) {
			continue
		}
		for _, imported := range p.Imports {
			if standard(imported) {
				continue
			}
			assert.Regexp(t, may, short(imported), "%s (%s) imports %s", p.path(), name, short(imported))
		}
	}
}

func ruleOf(p pkg) (name string, may *regexp.Regexp) {
	for _, rule := range rules {
		if regexp.MustCompile(`^(` + rule.packages + `)$`).MatchString(p.path()) {
			return rule.name, regexp.MustCompile(`^(` + rule.may + `)$`)
		}
	}
	return "", nil
}

// standard is true of paths like "net/http", whose first element has no dot in it.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

func TestNoVendorNeedsAnotherAndNoSimulatorNeedsAny(t *testing.T) {
	for _, p := range packages(t, func(p pkg) bool { return isVendor(p) || isSimulator(p) }) {
		for _, needed := range needs(t, p) {
			if needed.ImportPath != p.ImportPath && needed.ours() {
				assert.False(t, isVendor(needed), "%s needs the vendor %s", p.path(), needed.path())
				assert.False(t, isSimulator(needed), "%s needs the simulator %s", p.path(), needed.path())
			}
		}
	}
}

// Package testing adds flags to a program, and simulators and configuration are for programs.
func TestProgramsDoNotGetTheFlagsOfTests(t *testing.T) {
	forTests := regexp.MustCompile(`^otp(/[a-z]+)*/[a-z]+test$`)
	for _, p := range packages(t, pkg.importable) {
		if forTests.MatchString(p.path()) {
			continue
		}
		for _, needed := range needs(t, p) {
			assert.NotEqual(t, "testing", needed.ImportPath, p.path())
		}
	}
}
