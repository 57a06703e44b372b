package readme

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

var update = flag.Bool("update", false, "write the table of vendors into README.md")

const (
	tableBegins = "<!-- vendors: written by go test ./internal/readme -update -->\n"
	tableEnds   = "<!-- end of vendors -->\n"
)

func TestTheTableOfVendorsIsWhatTheVendorsCanDo(t *testing.T) {
	path := filepath.Join(root, "README.md")
	readme, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(readme), tableBegins)
	require.True(t, found)
	_, after, found := strings.Cut(rest, tableEnds)
	require.True(t, found)

	want := before + tableBegins + "\n" + table(t) + "\n" + tableEnds + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(readme), "README.md is stale: go test ./internal/readme -update")
}

// services are the vendors by package, and what each is called in the world.
var services = []struct{ pkg, name string }{
	{"insider", "Insider (Insider One), Verify API"},
	{"kaleyra", "Kaleyra, Verify API (flows)"},
	{"hypersender", "Hypersender, OTP API v2"},
	{"smsfactor", "Octopush, OTP API: the `api-key` / `api-login` service"},
}

func provider(t *testing.T, pkg string) otp.Provider {
	t.Helper()
	var p otp.Provider
	var err error
	switch pkg {
	case "insider":
		p, err = insider.New(insider.Config{APIKey: "k"})
	case "kaleyra":
		p, err = kaleyra.New(kaleyra.Config{SID: "S", APIKey: "k"})
	case "hypersender":
		p, err = hypersender.New(hypersender.Config{Instance: "i", Token: "t", AppName: "a"})
	case "smsfactor":
		p, err = smsfactor.New(smsfactor.Config{APILogin: "l", APIKey: "k"})
	}
	require.NoError(t, err)
	require.NotNil(t, p)
	return p
}

func table(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| package | vendor | channel | languages | code length | lifetime | wrong codes | own code | letters |\n")
	b.WriteString("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n")
	for _, service := range services {
		caps := provider(t, service.pkg).Capabilities()
		for _, channel := range slices.Sorted(maps.Keys(caps.Channels)) {
			f := caps.Channels[channel]
			fmt.Fprintf(&b, "| [`%s`](%s/doc.go) | %s | %s | %s | %s | %s | %s | %s | %s |\n",
				service.pkg, service.pkg, service.name, channelName(channel, caps), count(len(f.Locales)), numbers(f.CodeLength),
				times(f.TTL), numbers(f.MaxAttempts), yes(f.OwnCode), yes(f.Alphanumeric))
		}
	}
	return b.String()
}

func channelName(channel otp.Channel, caps otp.Capabilities) string {
	if channel == caps.Default && len(caps.Channels) > 1 {
		return string(channel) + " (default)"
	}
	return string(channel)
}

func count(n int) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprint(n)
}

func numbers(r otp.Range[int]) string {
	if r == (otp.Range[int]{}) {
		return "–"
	}
	return fmt.Sprintf("%d–%d", r.Min, r.Max)
}

func times(r otp.Range[time.Duration]) string {
	if r == (otp.Range[time.Duration]{}) {
		return "–"
	}
	return short(r.Min) + "–" + short(r.Max)
}

func short(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d > 2*day:
		return fmt.Sprintf("%d days", d/day)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	default:
		return fmt.Sprintf("%d s", d/time.Second)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "–"
}
