package portable_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/internal/portable"
	"github.com/otp-sdk/otp-go/otp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestARandomReferenceHasTheMark(t *testing.T) {
	for _, id := range []string{"", "a b", "a\n", "é", strings.Repeat("x", 257)} {
		v, err := portable.SentMarked(otp.Verification{ID: id, To: "+15551234567"}, "none-", nil)
		require.NoError(t, err)
		assert.Regexp(t, "^none-[A-Z2-7]{26}$", v.ID)
		assert.Equal(t, "+15551234567", v.To)
	}
	v, err := portable.SentMarked(otp.Verification{ID: "ours"}, "none-", io.EOF)
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, "ours", v.ID, "with an unknown outcome the person may hold a code")

	v, err = portable.SentMarked(otp.Verification{ID: "ours"}, "none-", &otp.Error{Outcome: otp.OutcomeNotSent})
	require.Error(t, err)
	assert.Zero(t, v)

	v, _ = portable.Sent(otp.Verification{}, nil)
	assert.Regexp(t, "^[A-Z2-7]{26}$", v.ID)
}
