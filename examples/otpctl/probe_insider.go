package main

import (
	"net/http"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func insiderSuite(account *insider.Client) (suite, error) {
	server := insidertest.NewServer()
	ours, err := insider.New(insider.Config{APIKey: server.APIKey, BaseURL: server.URL})
	return suite{account, ours, insiderProbes(), insiderProbes(), server.Close}, err
}

func insiderProbes() []probe {
	type body = map[string]any
	generate := func(content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Path: "/v1/generate", Body: content, Header: header}
	}
	check := func(content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Path: "/v1/check", Body: content, Header: header}
	}
	none, wrong := http.Header{"X-Ins-Auth-Key": nil}, http.Header{"X-Ins-Auth-Key": {madeUpKey}}
	full := body{"channel": "sms", "to": probedNumber}
	return []probe{
		{"generate without a key", noKey, generate(full, none)},
		{"generate with a wrong key", wrongKey, generate(full, wrong)},
		{"generate without fields", noRecipient, generate(body{}, nil)},
		{"generate without a number", noRecipient, generate(body{"channel": "sms"}, nil)},
		{"generate by an unknown channel", noRecipient, generate(body{"channel": "pigeon"}, nil)},
		{"generate with a list as its body", noRecipient, generate([]int{}, nil)},
		{"generate with a text for a lifetime", noRecipient, generate(body{"channel": "sms", "ttl": "long"}, nil)},
		{"generate for a word by SMS", noPhone, generate(body{"channel": "sms", "to": "nobody"}, nil)},
		{"generate for a word by WhatsApp", noPhone, generate(body{"channel": "whatsapp", "to": "nobody"}, nil)},
		{"check of a number without a code", onlyChecks, check(body{"to": probedNumber, "code": 1000}, nil)},
		{"check without fields", onlyChecks, check(body{}, nil)},
		{"check without the code", onlyChecks, check(body{"to": probedNumber}, nil)},
		{"check without the number", onlyChecks, check(body{"code": 1000}, nil)},
		{"check with a list as its body", onlyChecks, check([]int{}, nil)},
		{"check with a wrong key", wrongKey, check(body{"to": probedNumber, "code": 1000}, wrong)},
		{"list of templates with a wrong key", wrongKey, vendorkit.Call{
			Method: http.MethodGet, Path: "/v1/template/list", Header: wrong,
		}},
	}
}
