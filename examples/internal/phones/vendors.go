package phones

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// Vendor is one simulated account. Its credentials are the same in every run, so that a
// configuration that was pasted once stays good. They open nothing but the simulator.
type Vendor struct {
	Name     string    // "insider": the name of the vendor's package, and in configurations
	Title    string    // "Insider", for people
	Path     string    // "/insider": with it the address of Phones is the vendor's base URL
	Settings []Setting // of the vendor's Config, all but the base URL
}

// Setting is one field of a vendor's Config.
type Setting struct {
	Name  string `json:"name"` // "api_key", as in YAML
	Value string `json:"value"`
}

// vendor is a Vendor, and how to play it.
type vendor struct {
	Vendor
	start  func(quirks []string) *otpsim.Server
	quirks []string // the names of those that it has
	send   operation
	verify operation
	ok     int // the status of a success

	// faults are the vendor's own, by name. An error is about the request.
	faults func(req FaultRequest) (map[string]otpsim.Fault, error)
}

// operation is one of the vendor's two calls that matter, as an example to paste.
type operation struct {
	name   string // in the vendor's simulator
	Method string `json:"method"`
	Path   string `json:"path"` // below the base URL
	Header header `json:"header"`
	Body   string `json:"body"` // with NUMBER, DIGITS (the number without +), CODE and REFERENCE to be replaced
}

type header [][2]string

// operation is what the vendor's simulator calls "send" and "verify"; "" = neither.
func (v vendor) operation(on string) string {
	return map[string]string{"send": v.send.name, "verify": v.verify.name}[on]
}

// quirkNames are the fields of a simulator's Quirks.
func quirkNames[Q any]() (names []string) {
	for name := range otpsim.EachQuirk[Q]() {
		names = append(names, name)
	}
	return names
}

func quirksOf[Q any](names []string) (quirks Q) {
	set := make(map[string]bool)
	for _, name := range names {
		set[name] = true
	}
	data, _ := json.Marshal(set)      // it always can
	_ = json.Unmarshal(data, &quirks) // the names are those of fields
	return quirks
}

// The credentials. They are made up, and in the shape of the vendor's own.
const (
	brand = "Acme" // in the texts

	insiderKey = "insider-simulator-key"

	kaleyraSID  = "HXSIMULATOR001IN"
	kaleyraKey  = "kaleyra-simulator-key"
	kaleyraFlow = "00000000-0000-4000-8000-00000000f10e"

	hypersenderInstance = "00000000-0000-4000-8000-000000000001"
	hypersenderToken    = "1|hypersender-simulator-token"

	smsfactorLogin = "simulator@example.org"
	smsfactorKey   = "smsfactor-simulator-key"
)

func vendors() []vendor { return []vendor{insider(), kaleyra(), hypersender(), smsfactor()} }

func insider() vendor {
	auth := header{{"X-INS-AUTH-KEY", insiderKey}}
	return vendor{
		Vendor: Vendor{"insider", "Insider", "/insider", []Setting{{"api_key", insiderKey}}},
		start: func(quirks []string) *otpsim.Server {
			return insidertest.NewHandler(
				insidertest.WithAPIKey(insiderKey), insidertest.WithChannel("sms", brand),
				insidertest.WithQuirks(quirksOf[insidertest.Quirks](quirks)),
			).Server
		},
		quirks: quirkNames[insidertest.Quirks](),
		send:   operation{"generate", http.MethodPost, "/v1/generate", auth, `{"channel":"sms","to":"NUMBER","code-length":6,"ttl":300}`},
		verify: operation{"check", http.MethodPost, "/v1/check", auth, `{"to":"NUMBER","code":"CODE"}`},
		ok:     http.StatusAccepted,
		faults: func(req FaultRequest) (map[string]otpsim.Fault, error) {
			return map[string]otpsim.Fault{
				"error":             insidertest.Error(req.Status, req.Code, ""),
				"invalid-recipient": insidertest.Error(http.StatusBadRequest, "channel information must be a valid phone number for sms", "to"),
			}, nil
		},
	}
}

func kaleyra() vendor {
	auth, path := header{{"api-key", kaleyraKey}}, "/v1/"+kaleyraSID+"/verify"
	return vendor{
		Vendor: Vendor{"kaleyra", "Kaleyra", "/kaleyra", []Setting{
			{"sid", kaleyraSID}, {"api_key", kaleyraKey}, {"flow_id", kaleyraFlow},
		}},
		start: func(quirks []string) *otpsim.Server {
			return kaleyratest.NewHandler(
				kaleyratest.WithSID(kaleyraSID), kaleyratest.WithAPIKey(kaleyraKey),
				kaleyratest.WithFlow(kaleyratest.Flow{ID: kaleyraFlow, Default: true}),
				kaleyratest.WithQuirks(quirksOf[kaleyratest.Quirks](quirks)),
			).Server
		},
		quirks: quirkNames[kaleyratest.Quirks](),
		send:   operation{"generate", http.MethodPost, path, auth, `{"flow_id":"` + kaleyraFlow + `","to":{"mobile":"NUMBER"}}`},
		verify: operation{"validate", http.MethodPost, path + "/validate", auth, `{"verify_id":"REFERENCE","otp":"CODE"}`},
		ok:     http.StatusOK,
		faults: func(req FaultRequest) (map[string]otpsim.Fault, error) {
			return map[string]otpsim.Fault{
				"error":              kaleyratest.Error(req.Status, req.Code),
				"invalid-recipient":  kaleyratest.Error(http.StatusBadRequest, "E805"),
				"insufficient-funds": kaleyratest.Error(http.StatusBadRequest, "E110"),
			}, nil
		},
	}
}

func hypersender() vendor {
	auth, path := header{{"Authorization", "Bearer " + hypersenderToken}, {"Accept", "application/json"}}, "/"+hypersenderInstance
	return vendor{
		Vendor: Vendor{"hypersender", "Hypersender", "/hypersender", []Setting{
			{"instance", hypersenderInstance}, {"token", hypersenderToken}, {"app_name", brand},
		}},
		start: func(quirks []string) *otpsim.Server {
			return hypersendertest.NewHandler(
				hypersendertest.WithInstance(hypersenderInstance), hypersendertest.WithToken(hypersenderToken),
				hypersendertest.WithQuirks(quirksOf[hypersendertest.Quirks](quirks)),
			).Server
		},
		quirks: quirkNames[hypersendertest.Quirks](),
		send: operation{
			"request-code", http.MethodPost, path + "/request-code", auth,
			`{"chatId":"DIGITS@c.us","length":6,"useLetter":false,"useNumber":true,"allCapital":false,"name":"` + brand + `","expires":300}`,
		},
		verify: operation{"validate-code", http.MethodPost, path + "/validate-code", auth, `{"chatId":"DIGITS@c.us","code":"CODE"}`},
		ok:     http.StatusOK,
		faults: func(req FaultRequest) (faults map[string]otpsim.Fault, err error) {
			if req.Fault == "not-on-whatsapp" && req.To == "" {
				err = errors.New("to: not-on-whatsapp is about one phone number")
			}
			return map[string]otpsim.Fault{
				"error": hypersendertest.Error(req.Status, req.Code),
				"invalid-recipient": otpsim.Reply(http.StatusUnprocessableEntity, // as Laravel answers, which the vendor uses
					`{"message":"The given data was invalid.","errors":{"chatId":["The chat id is invalid."]}}`),
				"not-on-whatsapp": hypersendertest.NotOnWhatsApp(req.To),
				"framework-404":   hypersendertest.Error(http.StatusNotFound, "The route api/otp/v2 could not be found."),
			}, err
		},
	}
}

func smsfactor() vendor {
	auth := header{{"api-login", smsfactorLogin}, {"api-key", smsfactorKey}}
	return vendor{
		Vendor: Vendor{"smsfactor", "SMSFactor (Octopush)", "/smsfactor", []Setting{
			{"api_login", smsfactorLogin}, {"api_key", smsfactorKey},
		}},
		start: func(quirks []string) *otpsim.Server {
			return smsfactortest.NewHandler(
				smsfactortest.WithAPILogin(smsfactorLogin), smsfactortest.WithAPIKey(smsfactorKey),
				smsfactortest.WithSettings(smsfactortest.Settings{Text: "{code} is your " + brand + " code"}),
				smsfactortest.WithQuirks(quirksOf[smsfactortest.Quirks](quirks)),
			).Server
		},
		quirks: quirkNames[smsfactortest.Quirks](),
		send: operation{
			"generate", http.MethodPost, "/service/otp/generate", auth, `{"phone_number":"NUMBER","channel":"sms","code_length":6,"validity_period":300}`,
		},
		verify: operation{"validate", http.MethodPut, "/service/otp/validate", auth, `{"phone_number":"NUMBER","code":"CODE"}`},
		ok:     http.StatusOK,
		faults: func(req FaultRequest) (faults map[string]otpsim.Fault, err error) {
			code, err := strconv.Atoi(cmp.Or(req.Code, "0"))
			if err != nil {
				err = errors.New("code: must be a whole number")
			}
			return map[string]otpsim.Fault{
				"error":              smsfactortest.Error(req.Status, code),
				"invalid-recipient":  smsfactortest.Error(http.StatusBadRequest, 117),
				"country-not-served": smsfactortest.Error(http.StatusBadRequest, 151),
				"insufficient-funds": smsfactortest.Error(http.StatusBadRequest, 104),
			}, err
		},
	}
}
