// Floor is a program that sends a code with net/http and encoding/json, and nothing else.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
)

type request struct {
	Channel    string `json:"channel"`
	To         string `json:"to"`
	TTL        int    `json:"ttl"`
	CodeLength int    `json:"code-length"`
}

type answer struct {
	Channel string `json:"channel"`
}

func main() {
	body, err := json.Marshal(request{Channel: "sms", To: os.Args[1], TTL: 300, CodeLength: 6})
	exitOn(err)
	req, err := http.NewRequestWithContext(
		context.Background(), http.MethodPost, "https://verify.useinsider.com/v1/generate", bytes.NewReader(body))
	exitOn(err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-INS-AUTH-KEY", os.Getenv("INSIDER_API_KEY"))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 128}}
	resp, err := client.Do(req)
	exitOn(err)
	defer resp.Body.Close()
	read, err := io.ReadAll(resp.Body)
	exitOn(err)
	var sent answer
	exitOn(json.Unmarshal(read, &sent))
	fmt.Println(sent.Channel)
}

func exitOn(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}
