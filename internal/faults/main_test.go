package faults_test

import (
	"flag"
	"testing"

	"github.com/otp-sdk/otp-go/internal/simtest"
)

var update = flag.Bool("update", false, "write what was measured into docs/reliability.md")

func TestMain(m *testing.M) { simtest.Main(m) }
