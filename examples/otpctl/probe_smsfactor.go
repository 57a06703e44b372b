package main

import (
	"net/http"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func smsfactorSuite(account *smsfactor.Client) (suite, error) {
	server := smsfactortest.NewServer()
	ours, err := smsfactor.New(smsfactor.Config{APILogin: server.APILogin, APIKey: server.APIKey, BaseURL: server.URL})
	return suite{account, ours, smsfactorProbes(), smsfactorProbes(), server.Close}, err
}

// The service repairs and ignores wrong fields, so no probe with the right key holds a digit that it could take for a
// number.
func smsfactorProbes() []probe {
	type body = map[string]any
	generate := func(content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Path: "/service/otp/generate", Body: content, Header: header}
	}
	validate := func(content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Method: http.MethodPut, Path: "/service/otp/validate", Body: content, Header: header}
	}
	wrong := http.Header{"Api-Key": {madeUpKey}}
	full := body{"phone_number": probedNumber, "channel": "sms"}
	const token = "otp_000000000000000000000000"
	return []probe{
		{"generate without login and key", noKey, generate(full, http.Header{"Api-Key": nil, "Api-Login": nil})},
		{"generate with a wrong key", wrongKey, generate(full, wrong)},
		{"generate with a wrong login and key", wrongKey, generate(full, http.Header{"Api-Key": {madeUpKey}, "Api-Login": {"nobody@example.org"}})},
		{"generate without fields", noRecipient, generate(body{}, nil)},
		{"generate with a list as its body", noRecipient, generate([]int{}, nil)},
		{"generate for a word", noPhone, generate(body{"phone_number": "nobody"}, nil)},
		{"validate of an unknown token", onlyChecks, validate(body{"otp_request_token": token, "code": madeUpCode}, nil)},
		{"validate of a number without a code", onlyChecks, validate(body{"phone_number": probedNumber, "code": madeUpCode}, nil)},
		{"validate without fields", onlyChecks, validate(body{}, nil)},
		{"validate without token and number", onlyChecks, validate(body{"code": madeUpCode}, nil)},
		{"validate without the code", onlyChecks, validate(body{"otp_request_token": token}, nil)},
		{"validate with a list as its body", onlyChecks, validate([]int{}, nil)},
		{"validate with a wrong key", wrongKey, validate(body{"otp_request_token": token, "code": madeUpCode}, wrong)},
		{"validate by POST", onlyChecks, vendorkit.Call{Path: "/service/otp/validate", Body: body{"otp_request_token": token, "code": madeUpCode}}},
	}
}
