package main

import (
	"net/http/httptest"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/smsfactor"
)

// open makes the provider that a file describes. Without a file, a simulator takes the vendor's place until it is
// stopped, and its phones have a page.
func open(path string) (p otp.Provider, page string, stop func(), err error) {
	if path != "" {
		var config *otpconfig.Config
		if config, err = otpconfig.Load(path); err == nil {
			p, err = config.Provider()
		}
		return p, "", func() {}, err
	}
	desk, err := phones.New(phones.Options{})
	if err != nil {
		return nil, "", nil, err
	}
	server, v := httptest.NewServer(desk), desk.Vendors()[3] // this one says how many tries are left
	p, err = smsfactor.New(smsfactor.Config{
		APILogin: v.Settings[0].Value, APIKey: v.Settings[1].Value, BaseURL: server.URL + v.Path,
	})
	return p, server.URL, func() { desk.Close(); server.Close() }, err
}
