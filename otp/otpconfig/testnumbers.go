package otpconfig

import (
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/testnumber"
)

// testNumbers are numbers with fixed codes, see package testnumber. From Until on they mean
// nothing.
type testNumbers struct {
	// Numbers are at most 20.
	Numbers []testNumber `yaml:"numbers"`
	// Until is when they end, within 90 days: "2027-01-31T00:00:00Z".
	Until time.Time `yaml:"until"`
	// AllowReal accepts numbers that may be somebody's.
	AllowReal bool `yaml:"allow_real,omitempty"`
}

type testNumber struct {
	// Number is in E.164.
	Number string `yaml:"number"`
	// Code is what verifies: 6 to 32 characters.
	Code string `yaml:"code"`
}

func (t *testNumbers) around(p otp.Provider, opts []otp.Option) (otp.Provider, error) {
	if t == nil || t.hasEnded() {
		return p, nil
	}
	set, _ := otp.Apply(opts...) // checked before
	cfg := testnumber.Config{Codes: make(map[string]string), Until: t.Until, AllowReal: t.AllowReal, Logger: set.Logger}
	for _, n := range t.Numbers {
		cfg.Codes[n.Number] = n.Code
	}
	made, err := testnumber.New(p, cfg)
	if err != nil {
		fault := faultAt("test_numbers", err)
		fault.Field = strings.Replace(fault.Field, ".codes", ".numbers", 1)
		return nil, fault
	}
	return made, nil
}

func (t *testNumbers) hasEnded() bool { return !t.Until.IsZero() && time.Now().After(t.Until) }
