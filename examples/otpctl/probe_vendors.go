package main

import (
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// suiteOf starts the simulator of a provider's vendor. It is false for a vendor that has no probes.
func suiteOf(p otp.Provider) (s suite, ok bool, err error) {
	switch p := p.(type) {
	case *insider.Client:
		server := insidertest.NewServer()
		s = suite{vendor: p, atVendor: insiderProbes(), atOurs: insiderProbes(), stop: server.Close}
		s.simulator, err = insider.New(insider.Config{APIKey: server.APIKey, BaseURL: server.URL})
	case *kaleyra.Client:
		server := kaleyratest.NewServer()
		s = suite{vendor: p, atVendor: kaleyraProbes(p.SID()), atOurs: kaleyraProbes(server.SID), stop: server.Close}
		s.simulator, err = kaleyra.New(kaleyra.Config{SID: server.SID, APIKey: server.APIKey, BaseURL: server.URL})
	case *hypersender.Client:
		server := hypersendertest.NewServer()
		s = suite{vendor: p, atVendor: hypersenderProbes(p.Instance()), atOurs: hypersenderProbes(server.Instance), stop: server.Close}
		s.simulator, err = hypersender.New(hypersender.Config{
			Instance: server.Instance, Token: server.Token, AppName: "otpctl", BaseURL: server.URL,
		})
	case *smsfactor.Client:
		server := smsfactortest.NewServer()
		s = suite{vendor: p, atVendor: smsfactorProbes(), atOurs: smsfactorProbes(), stop: server.Close}
		s.simulator, err = smsfactor.New(smsfactor.Config{APILogin: server.APILogin, APIKey: server.APIKey, BaseURL: server.URL})
	default:
		return suite{}, false, nil
	}
	return s, err == nil, err
}

type body = map[string]any

// callTo makes calls of one path. Their headers replace the client's.
func callTo(method, path string, segments ...string) func(any, http.Header) vendorkit.Call {
	return func(content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Method: method, Path: path, Segments: segments, Body: content, Header: header}
	}
}

func insiderProbes() []probe {
	generate, check := callTo("", "/v1/generate"), callTo("", "/v1/check")
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
		{"list of templates with a wrong key", wrongKey, callTo(http.MethodGet, "/v1/template/list")(nil, wrong)},
	}
}

func kaleyraProbes(sid string) []probe {
	const path = "/v1/{sid}/verify"
	generate, validate := callTo("", path, sid), callTo("", path+"/validate", sid)
	none, wrong := http.Header{"Api-Key": nil}, http.Header{"Api-Key": {madeUpKey}}
	full := body{"to": body{"mobile": probedNumber}}
	return []probe{
		{"generate without a key", noKey, generate(full, none)},
		{"generate with a wrong key", wrongKey, generate(full, wrong)},
		{"generate for an unknown account", noRecipient, callTo("", path, "HXOTPCTLPROBE00")(body{}, nil)},
		{"generate without fields", noRecipient, generate(body{}, nil)},
		{"generate with an empty to", noRecipient, generate(body{"to": body{}}, nil)},
		{"generate with an unknown flow", noRecipient, generate(body{"flow_id": madeUpID, "to": body{}}, nil)},
		{"generate with a text for to", noPhone, generate(body{"to": "nobody"}, nil)},
		{"generate for a word", noPhone, generate(body{"to": body{"mobile": "nobody"}}, nil)},
		{"generate with a list as its body", noRecipient, generate([]int{}, nil)},
		{"validate of an unknown id", onlyChecks, validate(body{"verify_id": madeUpID, "otp": madeUpCode}, nil)},
		{"validate of an id in another form", onlyChecks, validate(body{"verify_id": "unknown", "otp": madeUpCode}, nil)},
		{"validate without fields", onlyChecks, validate(body{}, nil)},
		{"validate without the id", onlyChecks, validate(body{"otp": madeUpCode}, nil)},
		{"validate without the code", onlyChecks, validate(body{"verify_id": madeUpID}, nil)},
		{"validate with a list as its body", onlyChecks, validate([]int{}, nil)},
		{"validate with a wrong key", wrongKey, validate(body{"verify_id": madeUpID, "otp": madeUpCode}, wrong)},
	}
}

func hypersenderProbes(instance string) []probe {
	const path = "/{instance}/"
	request, validate := callTo("", path+"request-code", instance), callTo("", path+"validate-code", instance)
	code := func(chat string) body {
		b := body{"length": 6, "useLetter": false, "useNumber": true, "allCapital": false, "name": "otpctl", "expires": 60}
		if chat != "" {
			b["chatId"] = chat
		}
		return b
	}
	chat := strings.TrimPrefix(probedNumber, "+") + "@c.us"
	none, wrong := http.Header{"Authorization": nil}, http.Header{"Authorization": {"Bearer " + madeUpKey}}
	short := code("")
	short["length"] = 1
	return []probe{
		{"request-code without a token", noKey, request(code(chat), none)},
		{"request-code with a wrong token", wrongKey, request(code(chat), wrong)},
		{"request-code for an unknown instance", noRecipient, callTo("", path+"request-code", madeUpID)(code(""), nil)},
		{"request-code without fields", noRecipient, request(body{}, nil)},
		{"request-code without a chat", noRecipient, request(code(""), nil)},
		{"request-code with one digit", noRecipient, request(short, nil)},
		{"request-code for a word", noPhone, request(code("nobody"), nil)},
		{"request-code with a list as its body", noRecipient, request([]int{}, nil)},
		{"validate-code of a chat without a code", onlyChecks, validate(body{"chatId": chat, "code": madeUpCode}, nil)},
		{"validate-code without fields", onlyChecks, validate(body{}, nil)},
		{"validate-code without the code", onlyChecks, validate(body{"chatId": chat}, nil)},
		{"validate-code without the chat", onlyChecks, validate(body{"code": madeUpCode}, nil)},
		{"validate-code with a list as its body", onlyChecks, validate([]int{}, nil)},
		{"validate-code with a wrong token", wrongKey, validate(body{"chatId": chat, "code": madeUpCode}, wrong)},
		{"generate-link with a wrong token", wrongKey, callTo("", path+"generate-link", instance)(body{}, wrong)},
	}
}

// The service repairs wrong fields, so no probe with the right key holds what could be a number.
func smsfactorProbes() []probe {
	generate, validate := callTo("", "/service/otp/generate"), callTo(http.MethodPut, "/service/otp/validate")
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
		{"validate by POST", onlyChecks, callTo("", "/service/otp/validate")(body{"otp_request_token": token, "code": madeUpCode}, nil)},
	}
}
