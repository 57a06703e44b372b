package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// call sends or verifies one code.
type call func(context.Context) error

// client is the SDK's client, without limits. The time-out is long enough for a busy machine.
func (v vendor) client(tb testing.TB, baseURL string, opts ...otp.Option) otp.Provider {
	tb.Helper()
	provider, err := v.new(baseURL, append(opts, otp.WithSendLimiter(nil), otp.WithVerifyLimiter(nil),
		otp.WithUserAgent(userAgent), otp.WithTimeout(time.Minute))...)
	require.NoError(tb, err)
	return provider
}

func send(p otp.Provider) call {
	return func(ctx context.Context) error {
		_, err := p.Send(ctx, otp.SendRequest{To: phone})
		return err
	}
}

func verify(p otp.Provider, id string) call {
	verification := otp.Verification{Provider: p.Name(), ID: id, To: phone}
	return func(ctx context.Context) error { return p.Verify(ctx, verification, code) }
}

// floor is the same request written by hand: net/http and encoding/json, without a check, a
// time-out or a second attempt.
func (e exchange) floor(baseURL string, headers [][2]string, transport http.RoundTripper) call {
	client := &http.Client{Transport: transport}
	return func(ctx context.Context) error {
		body, err := json.Marshal(e.body())
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, e.method, baseURL+e.path, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Accept-Encoding", "identity")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", userAgent)
		for _, header := range headers {
			req.Header.Set(header[0], header[1])
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		read, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // everything has been read
		if err != nil {
			return err
		}
		if resp.StatusCode != e.status {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		return json.Unmarshal(read, e.into())
	}
}

// pool is the floor's transport over sockets, tuned as a careful program would. Compression is off,
// so that both sides send the same bytes.
func pool(tb testing.TB) *http.Transport {
	tb.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true}
	tb.Cleanup(transport.CloseIdleConnections)
	return transport
}

// memoryURL is where the vendor would be if there were a network.
const memoryURL = "https://vendor.example"

// RoundTrip makes an exchange a transport without a network: it reads the request and answers.
func (e exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode:    e.status,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(e.answer)),
		ContentLength: int64(len(e.answer)),
		Request:       req,
	}, req.Body.Close()
}

// inMemory is the option for the SDK's client.
func (e exchange) inMemory() otp.Option { return otp.WithHTTPClient(&http.Client{Transport: e}) }
