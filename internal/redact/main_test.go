package redact_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	key    = "canary-key-4711"
	code   = "839174"
	number = "+905321234567"
)
