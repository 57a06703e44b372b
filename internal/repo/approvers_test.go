package repo

import (
	"net/url"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const approvers = "docs/approvers.md"

func TestApproversSeeEveryLinkedModule(t *testing.T) {
	page, named := read(t, approvers), map[string]bool{}
	for _, p := range packages(t, func(p pkg) bool { return p.importable() && !regexp.MustCompile(`test$`).MatchString(p.path()) }) {
		for _, needed := range needs(t, p) {
			if path := needed.Module.Path; path != "" && !needed.ours() && !named[path] && path != module {
				named[path] = true
				assert.Contains(t, page, "`"+path+"`", "%s links it", p.path())
			}
		}
	}
	assert.NotEmpty(t, named)
}

func TestApproversSeeEveryHost(t *testing.T) {
	page := read(t, approvers)
	address := regexp.MustCompile(`BaseURL = "(.*)"`)
	for _, p := range packages(t, isVendor) {
		match := address.FindStringSubmatch(read(t, p.path()+"/config.go"))
		require.NotNil(t, match, p.path())
		u, err := url.Parse(match[1])
		require.NoError(t, err)
		assert.Contains(t, page, "`"+u.Hostname()+"`", p.path())
	}
}

// In the strict mode, Go panics at any cryptography that is not approved.
func TestVendorsWorkInFIPSMode(t *testing.T) {
	out, err := goCommand([]string{"GODEBUG=fips140=only"}, "run", "./examples/quickstart", "-vendor", "all")
	require.NoError(t, err)
	assert.Contains(t, out, "verified")
}
