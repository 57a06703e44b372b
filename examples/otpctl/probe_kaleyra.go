package main

import (
	"net/http"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func kaleyraSuite(account *kaleyra.Client) (suite, error) {
	server := kaleyratest.NewServer()
	ours, err := kaleyra.New(kaleyra.Config{SID: server.SID, APIKey: server.APIKey, BaseURL: server.URL})
	return suite{account, ours, kaleyraProbes(account.SID()), kaleyraProbes(server.SID), server.Close}, err
}

func kaleyraProbes(sid string) []probe {
	type body = map[string]any
	to := func(sid, path string, content any, header http.Header) vendorkit.Call {
		return vendorkit.Call{Path: path, Segments: []string{sid}, Body: content, Header: header}
	}
	generate := func(content any) vendorkit.Call { return to(sid, "/v1/{sid}/verify", content, nil) }
	validate := func(content any) vendorkit.Call { return to(sid, "/v1/{sid}/verify/validate", content, nil) }
	none, wrong := http.Header{"Api-Key": nil}, http.Header{"Api-Key": {madeUpKey}}
	full := body{"to": body{"mobile": probedNumber}}
	return []probe{
		{"generate without a key", noKey, to(sid, "/v1/{sid}/verify", full, none)},
		{"generate with a wrong key", wrongKey, to(sid, "/v1/{sid}/verify", full, wrong)},
		{"generate for an unknown account", noRecipient, to("HXOTPCTLPROBE00", "/v1/{sid}/verify", body{}, nil)},
		{"generate without fields", noRecipient, generate(body{})},
		{"generate with an empty to", noRecipient, generate(body{"to": body{}})},
		{"generate with an unknown flow", noRecipient, generate(body{"flow_id": madeUpID, "to": body{}})},
		{"generate with a text for to", noPhone, generate(body{"to": "nobody"})},
		{"generate for a word", noPhone, generate(body{"to": body{"mobile": "nobody"}})},
		{"generate with a list as its body", noRecipient, generate([]int{})},
		{"validate of an unknown id", onlyChecks, validate(body{"verify_id": madeUpID, "otp": madeUpCode})},
		{"validate of an id in another form", onlyChecks, validate(body{"verify_id": "unknown", "otp": madeUpCode})},
		{"validate without fields", onlyChecks, validate(body{})},
		{"validate without the id", onlyChecks, validate(body{"otp": madeUpCode})},
		{"validate without the code", onlyChecks, validate(body{"verify_id": madeUpID})},
		{"validate with a list as its body", onlyChecks, validate([]int{})},
		{"validate with a wrong key", wrongKey, to(sid, "/v1/{sid}/verify/validate", body{"verify_id": madeUpID, "otp": madeUpCode}, wrong)},
	}
}
