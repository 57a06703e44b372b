package otp_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const number = "+905321234567"

// failureOf returns the *otp.Error in err.
func failureOf(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	return failure
}
