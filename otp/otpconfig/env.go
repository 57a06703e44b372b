package otpconfig

import (
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/internal/naming"
)

const (
	envConfig     = "OTP_CONFIG"      // the path of a file, which then says everything
	envProviders  = "OTP_PROVIDERS"   // the names of several providers: "main,backup"
	envVendor     = "OTP_VENDOR"      // the vendor of the only provider
	envFailover   = "OTP_FAILOVER"    // the providers to send by, in this order
	envLearning   = "OTP_LEARNING"    // the providers to learn from
	envVerifyOnly = "OTP_VERIFY_ONLY" // the providers that only verify what they have sent
	envPrefix     = "OTP_"
)

// FromEnv reads a configuration from variables, for programs that have no file. ENVIRONMENT.md,
// beside the source, lists all of them. Nil = os.LookupEnv.
//
//	OTP_VENDOR=kaleyra             one provider, which has the vendor's name, and its fields:
//	OTP_SID=HXXXXXXX071US
//	OTP_API_KEY_FILE=/run/secrets/kaleyra
//
//	OTP_PROVIDERS=main,backup      several, and their fields:
//	OTP_MAIN_VENDOR=kaleyra
//	OTP_MAIN_API_KEY=…
//	OTP_MAIN_FLOW_CODE_LENGTH=6
//	OTP_BACKUP_VENDOR=insider
//	OTP_FAILOVER=main,backup
//
//	OTP_CONFIG=/etc/otp.yaml       a file instead, as with [Load]
//
// Lists are separated by commas. A variable that is empty counts as not set. What is in a variable
// is taken as it is, without ${NAME}. FromEnv asks for the variables that it knows, so a misspelt
// one goes unnoticed.
func FromEnv(lookup func(name string) (string, bool)) (*Config, error) {
	return Vendors().FromEnv(lookup)
}

// FromEnv is [FromEnv] for the vendors in r.
func (r *Registry) FromEnv(lookup func(name string) (string, bool)) (*Config, error) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	e := &environment{problems: new(problems), lookup: lookup, registry: r, claimed: make(map[string]string)}
	return e.config()
}

type environment struct {
	*problems
	lookup   lookup
	registry *Registry
	claimed  map[string]string // the paths of the fields that the variables stand for
}

func (e *environment) config() (config *Config, err error) {
	defer noPanic(&err)
	if path := e.get(envConfig); path != "" {
		return e.file(path)
	}
	root := e.root()
	if root.member("providers") == nil {
		return nil, e.err()
	}
	return reader{problems: e.problems, registry: e.registry, seen: io.Discard}.config(root)
}

func (e *environment) get(variable string) string {
	if value, set := e.lookup(variable); set {
		return value
	}
	return ""
}

func (e *environment) file(path string) (*Config, error) {
	for _, variable := range []string{envProviders, envVendor, envFailover, envLearning, envVerifyOnly} {
		if e.get(variable) != "" {
			e.add("", position{variable: variable}, "must not be set together with "+envConfig)
		}
	}
	if _, rule := readFile(path, mostBytes, io.Discard); rule != "" { // without the path: it may be a whole file by mistake
		e.add("", position{variable: envConfig}, rule)
	}
	if err := e.err(); err != nil {
		return nil, err
	}
	file := *e.registry
	file.LookupEnv = e.lookup
	return file.Load(path)
}

// at is the position of a variable. Problems are in the order in which variables are first read.
func (e *environment) at(variable, path string) position {
	other, taken := e.claimed[variable]
	if taken && other != path {
		e.add(path, position{variable: variable}, "must not share its variable with "+other)
	}
	e.claimed[variable] = path
	return position{line: len(e.claimed), variable: variable}
}

func (e *environment) root() *node {
	root := &node{kind: mapping, variables: map[string]string{
		"providers": envProviders, "send": envFailover, "verify_only": envVerifyOnly,
	}}
	several, single := e.get(envProviders) != "", e.get(envVendor) != ""
	switch {
	case several && single:
		e.add("providers", position{variable: envProviders}, "must not be set together with "+envVendor)
	case several:
		providers := e.several()
		root.add("providers", providers.at, providers)
	case single:
		if name := e.get(envVendor); e.registry.vendors[name] == nil {
			e.addUnknown("providers", position{variable: envVendor}, "is no vendor", name, e.registry.names())
		} else {
			providers, only := &node{kind: mapping}, e.provider(join("providers", name), envPrefix)
			providers.add(name, only.at, only)
			root.add("providers", only.at, providers)
		}
	default:
		e.add("providers", position{variable: envProviders}, "is missing; set this, or "+envVendor+", or "+envConfig)
	}
	send := &node{kind: mapping}
	for _, kind := range [][2]string{{failover, envFailover}, {learning, envLearning}} {
		if n := e.list("send."+kind[0], kind[1]); n != nil {
			send.at = n.at
			send.add(kind[0], n.at, n)
			root.add("send", n.at, send)
		}
	}
	if n := e.list("verify_only", envVerifyOnly); n != nil {
		root.add("verify_only", n.at, n)
	}
	if n := e.group("guard", envPrefix+"GUARD_", reflect.TypeFor[guardRules]()); n != nil {
		root.add("guard", n.at, n)
	}
	return root
}

func (e *environment) several() *node {
	listed := e.list("providers", envProviders)
	providers := &node{kind: mapping, at: listed.at}
	for i, item := range listed.items {
		name := item.literal
		switch {
		case !naming.IsValid(name):
			e.add(index("providers", i), item.at, "must be "+naming.Rule)
		case providers.member(name) != nil:
			e.add(index("providers", i), item.at, "must not name "+name+" a second time")
		default:
			p := e.provider(join("providers", name), envPrefix+upper(name)+"_")
			providers.add(name, p.at, p)
		}
	}
	return providers
}

func upper(name string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
}

// provider reads the fields of one provider. Which ones there are, its vendor says.
func (e *environment) provider(path, prefix string) *node {
	n := &node{kind: mapping, at: e.at(prefix+"VENDOR", path+".vendor"), variables: make(map[string]string)}
	e.field(path, prefix, n, field{name: "vendor", kind: reflect.TypeFor[string]()})
	fields := settingsFields()
	if v := e.registry.vendors[e.get(prefix+"VENDOR")]; v != nil {
		fields = append(slices.Clone(v.fields), fields...)
	}
	for _, f := range fields {
		e.field(path, prefix, n, f)
	}
	return n
}

// field adds a field to the mapping n if a variable is set for it.
func (e *environment) field(path, prefix string, n *node, f field) {
	variable := prefix + upper(f.name)
	path += "." + f.name
	kind := f.kind
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	var value *node
	switch {
	case !hasVariable(kind):
	case isGroup(kind):
		value = e.group(path, variable+"_", kind)
	case kind.Kind() == reflect.Slice:
		n.variables[f.name] = variable
		value = e.list(path, variable)
	default:
		n.variables[f.name] = variable
		value = e.text(path, variable, e.get(variable))
	}
	if value != nil {
		n.add(f.name, value.at, value)
	}
	if !f.secret {
		return
	}
	n.variables[f.fileField()] = variable + "_FILE"
	if file := e.text(path+"_file", variable+"_FILE", e.get(variable+"_FILE")); file != nil {
		n.add(f.fileField(), file.at, file)
	}
}

func isGroup(kind reflect.Type) bool { return kind.Kind() == reflect.Struct && !readsText(kind) }

// hasVariable is false of lists of structs, which are for files.
func hasVariable(kind reflect.Type) bool {
	return kind.Kind() != reflect.Slice || !isGroup(kind.Elem())
}

// group is the fields of a struct, or nil if none is set.
func (e *environment) group(path, prefix string, kind reflect.Type) *node {
	n := &node{kind: mapping, variables: make(map[string]string)}
	fields, _ := fieldsOf(kind) // checked when the vendor was registered
	for _, f := range fields {
		e.field(path, prefix, n, f)
	}
	if n.members == nil {
		return nil
	}
	n.at = n.members[0].at
	return n
}

func (e *environment) list(path, variable string) *node {
	value := e.get(variable)
	if value == "" {
		return nil
	}
	n := &node{kind: list, at: e.at(variable, path)}
	for item := range strings.SplitSeq(value, ",") {
		n.items = append(n.items, e.text(path, variable, strings.TrimSpace(item)))
	}
	return n
}

func (e *environment) text(path, variable, value string) *node {
	if e.get(variable) == "" {
		return nil
	}
	return &node{kind: text, at: e.at(variable, path), literal: value, isText: true, loose: true}
}
