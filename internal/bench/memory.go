package main

import (
	"io"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// memoryURL is where the vendor would be, were there a network.
const memoryURL = "https://vendor.example"

// memory is a vendor without a network: a transport that reads the request and answers a success.
type memory struct {
	status int
	answer string
}

func (m memory) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode:    m.status,
		Header:        http.Header{"Content-Type": {"application/json"}},
		Body:          io.NopCloser(strings.NewReader(m.answer)),
		ContentLength: int64(len(m.answer)),
		Request:       req,
	}, req.Body.Close()
}

// inMemory returns both sides without a network.
func (v vendor) inMemory(transport http.RoundTripper) (floor, ours sender, err error) {
	ours, err = v.ours(memoryURL, otp.WithHTTPClient(&http.Client{Transport: transport}))
	return v.floor(memoryURL, transport), ours, err
}

func (v vendor) memory() memory { return memory{status: v.status, answer: v.answer} }
