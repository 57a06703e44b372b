package otpotel_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const monitoring = "../../docs/monitoring"

func readMonitoring(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(monitoring, name))
	require.NoError(t, err)
	return string(text)
}

// Alerts and dashboard ask for metrics and labels that there are.
func TestMonitoringAsksForWhatThereIs(t *testing.T) {
	told := everything(t)
	names := make(map[string]bool)
	for _, m := range told.metrics() {
		name := strings.ReplaceAll(m.Name, ".", "_")
		switch kindOf(m) {
		case "counter":
			names[name+"_total"] = true
		case "gauge":
			names[name] = true
		default:
			names[name+"_seconds_bucket"] = true
		}
		for _, p := range points(m) {
			for _, a := range p.labels.ToSlice() {
				names[strings.ReplaceAll(string(a.Key), ".", "_")] = true
			}
		}
	}
	dashboard := readMonitoring(t, "dashboard.json")
	assert.True(t, json.Valid([]byte(dashboard)))
	for _, text := range []string{dashboard, readMonitoring(t, "alerts.yml"), readMonitoring(t, "alerts_test.yml")} {
		asked := regexp.MustCompile(`\b(otp|error)_\w+`).FindAllString(text, -1)
		require.Greater(t, len(asked), 20)
		for _, name := range asked {
			assert.True(t, names[name], name)
		}
	}
}

func TestEveryAlertRingsAndIsSilent(t *testing.T) {
	tests, page := readMonitoring(t, "alerts_test.yml"), readMonitoring(t, "../production.md")
	names := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(readMonitoring(t, "alerts.yml"), -1)
	require.NotEmpty(t, names)
	for _, name := range names {
		assert.Contains(t, tests, "name: "+name[1]+" rings\n")
		assert.Contains(t, tests, "name: "+name[1]+" is silent\n")
		assert.Contains(t, page, "`"+name[1]+"`", "the page says what to do")
	}
	promtool, err := exec.LookPath("promtool")
	if err != nil && os.Getenv("OTP_REQUIRE_PROMTOOL") != "1" {
		t.Skip("NOT RUN: no promtool was found on this machine")
	}
	for _, args := range [][]string{{"check", "rules", "alerts.yml"}, {"test", "rules", "alerts_test.yml"}} {
		run := exec.CommandContext(t.Context(), promtool, args...)
		run.Dir = monitoring
		out, err := run.CombinedOutput()
		assert.NoError(t, err, "%s", out)
	}
}
