package camaratest

import (
	"crypto/rand"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Server is a simulated operator. Its fields may be changed before the first request.
type Server struct {
	*otpsim.Server

	// What the Config of a client needs, by the same names.
	BaseURL, TokenURL, ClientID, ClientSecret string

	// CodeLength is 6, of Alphabet, the ten digits. TTL and TokenTTL are five minutes.
	CodeLength    int
	Alphabet      string
	TTL, TokenTTL time.Duration

	// MaxTry is 5: the fifth wrong code is VERIFICATION_FAILED. MaxSend is 5: the fifth send to a
	// number within SendWindow, ten minutes, is refused. The scenarios of the specification count so.
	MaxTry, MaxSend int
	SendWindow      time.Duration

	// Foreign are numbers of other operators, Blocked barred lines, NotAllowed landlines and the like.
	Foreign, Blocked, NotAllowed []string

	quirks Quirks
	tokens map[string]time.Time // by the header Authorization: when it ends
}

// Quirks are points that operators may handle in another way than the specification says.
type Quirks struct {
	Version2         bool // API 2: IDENTIFIER_NOT_FOUND, and undeclared members are refused
	NoCorrelator     bool // x-correlator does not come back
	NoExpiresIn      bool // a token's answer has no lifetime
	UnknownIsExpired bool // an unknown id is VERIFICATION_EXPIRED instead of NOT_FOUND
	UsedIsUnknown    bool // a used id is NOT_FOUND instead of VERIFICATION_EXPIRED
}

// NewServer starts a simulator on loopback. Close ends it.
func NewServer(quirks Quirks) *Server {
	s := &Server{
		ClientID: rand.Text(), ClientSecret: rand.Text(), CodeLength: 6, Alphabet: "0123456789", TTL: 5 * time.Minute,
		MaxTry: 5, MaxSend: 5, SendWindow: 10 * time.Minute, TokenTTL: 5 * time.Minute,
		quirks: quirks, tokens: make(map[string]time.Time),
	}
	base := "/one-time-password-sms/" + map[bool]string{false: "v1", true: "v2"}[quirks.Version2]
	send, verify := s.checked(s.send, "phoneNumber", "message"), s.checked(s.verify, "authenticationId", "code")
	s.Server = otpsim.New(otpsim.Config{Refuse: refuse, Operations: []otpsim.Operation{
		{Name: "token", Method: http.MethodPost, Path: "/oauth2/token", Do: s.grant},
		{Name: "send", Method: http.MethodPost, Path: base + "/send-code", Recipient: recipient, Do: send},
		{Name: "verify", Method: http.MethodPost, Path: base + "/validate-code", Do: verify},
	}})
	s.Start()
	s.BaseURL, s.TokenURL = s.URL+base, s.URL+"/oauth2/token"
	return s
}

func recipient(_ *http.Request, body []byte) string {
	fields, _ := otpsim.ParseObject(body) // or an empty one
	return fields.String("phoneNumber")
}
