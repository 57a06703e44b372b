package main

import (
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func hypersenderSuite(account *hypersender.Client) (suite, error) {
	server := hypersendertest.NewServer()
	ours, err := hypersender.New(hypersender.Config{
		Instance: server.Instance, Token: server.Token, AppName: "otpctl", BaseURL: server.URL,
	})
	return suite{account, ours, hypersenderProbes(account.Instance()), hypersenderProbes(server.Instance), server.Close}, err
}

func hypersenderProbes(instance string) []probe {
	type body = map[string]any
	to := func(instance, operation string, content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Path: "/{instance}/" + operation, Segments: []string{instance}, Body: content, Header: header}
	}
	request := func(content any) vendorkit.Call { return to(instance, "request-code", content, nil) }
	validate := func(content any) vendorkit.Call { return to(instance, "validate-code", content, nil) }
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
		{"request-code without a token", noKey, to(instance, "request-code", code(chat), none)},
		{"request-code with a wrong token", wrongKey, to(instance, "request-code", code(chat), wrong)},
		{"request-code for an unknown instance", noRecipient, to(madeUpID, "request-code", code(""), nil)},
		{"request-code without fields", noRecipient, request(body{})},
		{"request-code without a chat", noRecipient, request(code(""))},
		{"request-code with one digit", noRecipient, request(short)},
		{"request-code for a word", noPhone, request(code("nobody"))},
		{"request-code with a list as its body", noRecipient, request([]int{})},
		{"validate-code of a chat without a code", onlyChecks, validate(body{"chatId": chat, "code": madeUpCode})},
		{"validate-code without fields", onlyChecks, validate(body{})},
		{"validate-code without the code", onlyChecks, validate(body{"chatId": chat})},
		{"validate-code without the chat", onlyChecks, validate(body{"code": madeUpCode})},
		{"validate-code with a list as its body", onlyChecks, validate([]int{})},
		{"validate-code with a wrong token", wrongKey, to(instance, "validate-code", body{"chatId": chat, "code": madeUpCode}, wrong)},
		{"generate-link with a wrong token", wrongKey, to(instance, "generate-link", body{}, wrong)},
	}
}
