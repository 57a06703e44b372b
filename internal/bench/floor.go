package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// floor is what a program does that talks to the vendor by itself, and no more: net/http and encoding/json, without a
// check, a time-out or a second attempt.
func (v vendor) floor(baseURL string, transport http.RoundTripper) sender {
	client := &http.Client{Transport: transport}
	url := baseURL + v.path
	return func(ctx context.Context) error {
		body, err := json.Marshal(v.body())
		if err != nil {
			return err
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", userAgent)
		for _, header := range v.headers {
			req.Header.Set(header[0], header[1])
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		read, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close() // what there was to read has been read
		if err != nil {
			return err
		}
		if resp.StatusCode != v.status {
			return fmt.Errorf("status %d", resp.StatusCode)
		}
		return json.Unmarshal(read, v.into())
	}
}

// pool is the floor's transport over sockets: what the SDK's has, as far as a program of one's own would have it.
// Compression is off, so that both send the same bytes.
func pool() *http.Transport {
	return &http.Transport{MaxIdleConnsPerHost: 128, DisableCompression: true}
}
