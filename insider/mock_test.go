package insider_test

import (
	"net/http"
	"testing"

	"github.com/jarcoal/httpmock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

// The mock of the default transport is the one that people know.
func TestActivatedMockAnswers(t *testing.T) {
	for name, opts := range map[string][]otp.Option{
		"no client":          nil,
		"the default client": {otp.WithHTTPClient(http.DefaultClient)},
		"an empty client":    {otp.WithHTTPClient(&http.Client{})},
	} {
		for _, before := range []bool{true, false} {
			open := func() *insider.Client {
				c, err := insider.New(insider.Config{APIKey: key}, opts...)
				require.NoError(t, err)
				return c
			}
			t.Run(name, func(t *testing.T) {
				var c *insider.Client
				if before {
					c = open()
				}
				httpmock.Activate(t)                                                                               //nolint:forbidigo // likewise
				httpmock.RegisterResponder("POST", host+"/v1/generate", httpmock.NewStringResponder(202, sentSMS)) //nolint:forbidigo // likewise
				if !before {
					c = open()
				}
				_, err := c.Send(t.Context(), otp.SendRequest{To: phone})
				require.NoError(t, err)
				assert.Equal(t, 1, httpmock.GetTotalCallCount())
			})
		}
	}
}
