package otpconfig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func ExampleParse() {
	cfg, err := otpconfig.Parse([]byte(`
providers:
  main:
    vendor: kaleyra
    sid: HXXXXXXX071US
    api_key: ${KALEYRA_API_KEY:-for-this-example}
    flow: {code_length: 6, ttl: 5m}
  backup:
    vendor: insider
    api_key: ${INSIDER_API_KEY:-for-this-example}
send: {failover: [main, backup]}
`), "yaml")
	fmt.Println(cfg, err)

	provider, err := cfg.Provider()
	fmt.Println(provider.Name(), provider.Capabilities().Vendor, err)
	// Output:
	// main (kaleyra), backup (insider); send: failover(main, backup) <nil>
	// send failover <nil>
}

// What is wrong is told at once, by path and rule. No value is shown.
func ExampleParse_errors() {
	_, err := otpconfig.Parse([]byte(`
providers:
  main:
    vendor: kalyera
    api_key: 1a2b3c4d5e6f
  backup:
    vendor: insider
    api_key: ${INSIDER_KEY_THAT_NOBODY_HAS_SET}
    time_out: 5s
send: {failover: [main, back-up]}
`), "yaml")
	fmt.Println(err)

	var first *otp.Error
	fmt.Println(errors.As(err, &first), first.Field)
	// Output:
	// config: misconfigured: providers.main.vendor: is no vendor; did you mean kaleyra? (line 4)
	// config: misconfigured: providers.backup.api_key: needs the variable INSIDER_KEY_THAT_NOBODY_HAS_SET, which is not set (line 8)
	// config: misconfigured: providers.backup.time_out: is no field; did you mean timeout? (line 9)
	// config: misconfigured: send.failover[1]: is no provider; did you mean backup? (line 10)
	// true providers.main.vendor
}

func ExampleLoad() {
	srv := insidertest.NewServer() // leave base_url out to reach the real vendor
	defer srv.Close()
	folder := newFolder()
	defer remove(folder)
	path := filepath.Join(folder, "otp.yaml")
	file := "providers: {main: {vendor: insider, api_key_file: key, base_url: " + srv.URL + "}}\n"
	err := errors.Join(
		os.WriteFile(filepath.Join(folder, "key"), []byte(srv.APIKey+"\n"), 0o600),
		os.WriteFile(path, []byte(file), 0o600),
	)
	if err != nil {
		fmt.Println(err)
		return
	}

	cfg, err := otpconfig.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	provider, err := cfg.Provider(otp.WithUserAgent("shop/1.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := provider.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
	fmt.Println(v.Provider, err)
	code, _ := srv.Code("+905321234567") // in real life, the person types it
	fmt.Println(provider.Verify(context.Background(), v, code))
	// Output:
	// main <nil>
	// <nil>
}

func ExampleFromEnv() {
	environment := map[string]string{ // pass nil for the program's own
		"OTP_PROVIDERS":      "main,backup",
		"OTP_FAILOVER":       "main,backup",
		"OTP_MAIN_VENDOR":    "insider",
		"OTP_MAIN_API_KEY":   "1a2b3c4d5e6f",
		"OTP_MAIN_TIMEOUT":   "5s",
		"OTP_BACKUP_VENDOR":  "kaleyra",
		"OTP_BACKUP_SID":     "HXXXXXXX071US",
		"OTP_BACKUP_API_KEY": "6f5e4d3c2b1a",
	}
	cfg, err := otpconfig.FromEnv(func(name string) (string, bool) {
		value, set := environment[name]
		return value, set
	})
	fmt.Println(cfg, err)

	_, err = otpconfig.FromEnv(func(name string) (string, bool) { return "insider", name == "OTP_VENDOR" })
	fmt.Println(err)
	// Output:
	// main (insider), backup (kaleyra); send: failover(main, backup) <nil>
	// config: misconfigured: providers.insider.api_key: is missing; give it, or api_key_file (OTP_API_KEY)
}

// pigeonConfig is the Config of a vendor that is not part of this module.
type pigeonConfig struct {
	Loft string `yaml:"loft"`
}

// newPigeon reads what the configuration sets for every provider with otp.Apply.
func newPigeon(_ pigeonConfig, opts ...otp.Option) (*otptest.Provider, error) {
	settings, err := otp.Apply(opts...)
	if err != nil {
		return nil, err
	}
	return otptest.NewProvider(otptest.WithName(settings.Name)), nil
}

func ExampleRegistry() {
	vendors := otpconfig.Vendors()
	if err := otpconfig.Register(vendors, "pigeon", newPigeon); err != nil {
		fmt.Println(err)
		return
	}
	cfg, err := vendors.Parse([]byte(`{"providers": {"roof": {"vendor": "pigeon", "loft": "Trafalgar Square"}}}`), "json")
	fmt.Println(cfg, err)

	// What a vendor does not read is refused.
	_, err = vendors.Parse([]byte("providers:\n  roof: {vendor: pigeon, loft: here, send_limit: 5/1m}"), "yaml")
	fmt.Println(err)
	// Output:
	// roof (pigeon); send: roof <nil>
	// config: misconfigured: providers.roof.send_limit: is ignored by this vendor's New; it has to ask otp.Settings.Limiter for it (line 2)
}

func ExampleConfig_Watch() {
	folder := newFolder()
	defer remove(folder)
	path := filepath.Join(folder, "otp.yaml")
	write := func(file string) { printError(os.WriteFile(path, []byte(file), 0o600)) }

	write("providers: {turkey: {vendor: insider, api_key: 1a2b3c4d5e6f}}")
	cfg, err := otpconfig.Load(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	provider, err := cfg.Provider(otp.WithUserAgent("shop/1.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	live, err := route.NewSwitch("otp", provider, 0) // an otp.Provider, too
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	changed, done := make(chan error), make(chan error)
	go func() {
		done <- cfg.Watch(ctx, live,
			otpconfig.WatchWith(otp.WithUserAgent("shop/1.0")), // as before
			otpconfig.WatchEvery(10*time.Millisecond),
			otpconfig.WatchReport(func(err error) { changed <- err }))
	}()
	fmt.Println(live.Capabilities().Vendor)

	write("providers: {india: {vendor: kaleyra, sid: HXXXXXXX071US, api_key: 6f5e4d3c2b1a}}")
	fmt.Println(<-changed, live.Capabilities().Vendor)
	stop()
	fmt.Println(<-done)
	// Output:
	// insider
	// <nil> kaleyra
	// <nil>
}

func newFolder() string {
	folder, err := os.MkdirTemp("", "otpconfig")
	printError(err)
	return folder
}

func remove(folder string) { printError(os.RemoveAll(folder)) }

func printError(err error) {
	if err != nil {
		fmt.Println(err)
	}
}
