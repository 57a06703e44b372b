package otpconfig_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

func TestTheFileOfThePackageCommentIsAConfiguration(t *testing.T) {
	comment, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	file, err := os.ReadFile("testdata/otp.yaml")
	require.NoError(t, err)
	var inComment strings.Builder
	for line := range strings.Lines(string(file)) {
		if line == "\n" {
			inComment.WriteString("//\n")
			continue
		}
		inComment.WriteString("//\t" + line)
	}
	assert.Contains(t, string(comment), inComment.String())

	secret := []byte("1a2b3c4d5e6f\n")
	path := t.TempDir() + "/insider"
	require.NoError(t, os.WriteFile(path, secret, 0o600))
	cfg := parsing(t, strings.ReplaceAll(string(file), "/run/secrets/insider", path), map[string]string{
		"KALEYRA_API_KEY": "k", "HYPERSENDER_TOKEN": "t", "OCTOPUSH_API_LOGIN": "l", "OCTOPUSH_API_KEY": "k",
	})
	providerOf(t, cfg)
	assert.Equal(t, `main (kaleyra), backup (insider), whatsapp (hypersender), old (octopush); send: by_prefix(`+
		`"+90" failover(main, backup), "+49" weighted(9 backup, 1 whatsapp), "" main); verify only: old`, cfg.String())
}

// The vendors of this module say themselves which of their fields are secret, by masking them.
// These are those that may be given as files.
func TestWhichFieldsAreSecret(t *testing.T) {
	for vendor, secrets := range map[string][]string{
		"insider": {"api_key"}, "kaleyra": {"api_key"}, "hypersender": {"token"}, "smsfactor": {"api_login", "api_key"},
	} {
		_, err := otpconfig.Parse([]byte("providers: {main: {vendor: "+vendor+"}}"), "yaml")
		require.Error(t, err)
		for _, secret := range secrets {
			assert.Contains(t, err.Error(), "providers.main."+secret+": is missing; give it, or "+secret+"_file")
		}
		assert.Equal(t, len(secrets), strings.Count(err.Error(), "_file"))
	}
}
