package otpconfig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// One program, four configurations. The vendors are simulators: without base_url, the real one is
// asked.
func Example() {
	insider, kaleyra := insidertest.NewServer(), kaleyratest.NewServer()
	hypersender, smsfactor := hypersendertest.NewServer(), smsfactortest.NewServer()
	for _, vendor := range []struct {
		config string
		phone  simulator
	}{
		{fmt.Sprintf("{vendor: insider, api_key: %s, base_url: %s}", insider.APIKey, insider.URL), insider},
		{fmt.Sprintf("{vendor: kaleyra, sid: %s, api_key: %s, flow_id: %s, base_url: %s}",
			kaleyra.SID, kaleyra.APIKey, kaleyra.FlowID, kaleyra.URL), kaleyra},
		{fmt.Sprintf("{vendor: hypersender, instance: %s, token: %s, app_name: Acme, base_url: %s}",
			hypersender.Instance, hypersender.Token, hypersender.URL), hypersender},
		{fmt.Sprintf("{vendor: smsfactor, api_login: %s, api_key: %s, base_url: %s}",
			smsfactor.APILogin, smsfactor.APIKey, smsfactor.URL), smsfactor},
	} {
		cfg, err := otpconfig.Parse([]byte("providers: {main: "+vendor.config+"}"), "yaml")
		printError(err)
		provider, err := cfg.Provider()
		printError(err)
		fmt.Print(provider.Capabilities().Vendor, ": ")
		signIn(provider, vendor.phone)
		vendor.phone.Close()
	}
	// Output:
	// insider: sent by sms, wrong code rejected, right code verified
	// kaleyra: sent by sms, wrong code rejected, right code verified
	// hypersender: sent by whatsapp, wrong code rejected, right code verified
	// smsfactor: sent by sms, wrong code rejected, right code verified
}

type simulator interface {
	Code(to string) (string, bool)
	Close()
}

// signIn is what stays the same whatever the vendor: a person receives a code, mistypes it, and
// types it again.
func signIn(provider otp.Provider, phone simulator) {
	ctx := context.Background()
	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print("sent by ", v.Channel)
	code, _ := phone.Code("+905321234567")
	if errors.Is(provider.Verify(ctx, v, mistype(code)), otp.ErrCodeRejected) {
		fmt.Print(", wrong code rejected")
	}
	if provider.Verify(ctx, v, code) == nil {
		fmt.Println(", right code verified")
	}
}

// mistype changes the last digit.
func mistype(code string) string {
	last := len(code) - 1
	return code[:last] + string('0'+(code[last]-'0'+1)%10)
}

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
    sid: HXXXXXXX071US
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
	// config: misconfigured: providers.backup.api_key: needs the variable INSIDER_KEY_THAT_NOBODY_HAS_SET, which is not set (line 9)
	// config: misconfigured: providers.backup.time_out: is no field; did you mean timeout? (line 10)
	// config: misconfigured: send.failover[1]: is no provider; did you mean backup? (line 11)
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

// Open gives everything: the vendors, the guard around them, the program's own wrapper outermost, and a file that is
// followed.
func ExampleOpen() {
	srv := insidertest.NewServer() // leave base_url out to reach the real vendor
	defer srv.Close()
	folder := newFolder()
	defer remove(folder)
	path := filepath.Join(folder, "otp.yaml")
	file := "providers: {main: {vendor: insider, api_key: " + srv.APIKey + ", base_url: " + srv.URL + "}}\n" +
		"guard: {allow_countries: [TR]}\n"
	printError(os.WriteFile(path, []byte(file), 0o600))

	ctx := context.Background()
	provider, end, err := otpconfig.Open(ctx, path,
		otpconfig.WithClients(otp.WithUserAgent("shop/1.0")),
		otpconfig.WithObserver(func(e otp.Event) { fmt.Printf("%T\n", e) }),
		otpconfig.WithWrapper(func(p otp.Provider) (otp.Provider, error) { return p, nil })) // such as otpotel.Wrap
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println(v.Provider, err)
	_, err = provider.Send(ctx, otp.SendRequest{To: "+33612345678"})
	fmt.Println(errors.Is(err, otp.ErrRefused))
	if g, ok := otpconfig.GuardIn(provider); ok {
		fmt.Println(g.Forget(ctx, "+905321234567"))
	}
	fmt.Println(end())
	// Output:
	// otp.AttemptEvent
	// main <nil>
	// otp.GuardEvent
	// true
	// <nil>
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

// The configuration is swapped while a person is typing.
func ExampleConfig_Watch() {
	insider, kaleyra := insidertest.NewServer(), kaleyratest.NewServer() // simulators: nothing is sent
	defer insider.Close()
	defer kaleyra.Close()
	folder := newFolder()
	defer remove(folder)
	path := filepath.Join(folder, "otp.yaml")
	write := func(format string, values ...any) {
		printError(os.WriteFile(path+".new", fmt.Appendf(nil, format, values...), 0o600))
		printError(os.Rename(path+".new", path)) // at once, as an editor does
	}

	write("providers: {turkey: {vendor: insider, api_key: %s, base_url: %s}}", insider.APIKey, insider.URL)
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
	before, err := live.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println("sent by", before.Provider, err)

	write("providers: {india: {vendor: kaleyra, sid: %s, api_key: %s, flow_id: %s, base_url: %s}}",
		kaleyra.SID, kaleyra.APIKey, kaleyra.FlowID, kaleyra.URL)
	fmt.Println("swapped", <-changed)
	after, err := live.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println("sent by", after.Provider, err)

	code, _ := insider.Code("+905321234567")
	fmt.Println("code of", before.Provider, live.Verify(ctx, before, code))
	stop()
	fmt.Println(<-done)
	// Output:
	// sent by turkey <nil>
	// swapped <nil>
	// sent by india <nil>
	// code of turkey <nil>
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
