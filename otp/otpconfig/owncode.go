package otpconfig

import (
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

type ownCode struct {
	// Sender is the name of the provider that sends the texts. Its vendor must be one that can:
	// hypersender, kaleyra or octopush.
	Sender string `yaml:"sender"`
	// Fallback is the name of the provider that sends the same code when the sender has not, or when
	// nobody knows. Default: none.
	Fallback string `yaml:"fallback,omitempty"`
	// Key makes codes, and checks them: a random text of 32 bytes or more, as of "openssl rand -base64
	// 32".
	Key string `yaml:"key" mask:"secret"`
	// OtherKey checks codes as well, while a key is replaced by another.
	OtherKey string `yaml:"other_key,omitempty" mask:"secret"`
	// Letters makes codes of letters instead of digits.
	Letters bool `yaml:"letters,omitempty"`
	// App is the name of the program, for {app} in a text.
	App string `yaml:"app,omitempty"`
	// Texts are the texts by language. Default: one in English. See owncode.Message.
	Texts []ownText `yaml:"texts,omitempty"`
	// DefaultLocale is the language for people whose own has no text. Default: English.
	DefaultLocale string `yaml:"default_locale,omitempty"`
	// OriginHost is the page in which browsers fill the code in: "example.com".
	OriginHost string `yaml:"origin_host,omitempty"`
	// AppHash is the hash of the Android app that the text is handed to.
	AppHash string `yaml:"app_hash,omitempty"`
	// MaxSegments is how many parts a text may take: 1 to 8. Default: 3.
	MaxSegments int `yaml:"max_segments,omitempty"`
	// Store is the name of a store that the program hands in, for the attempts. Default: the memory
	// of this process; then no other one can verify.
	Store string `yaml:"store,omitempty"`

	clients map[string]otp.Provider // by name; nil while the fields alone are checked
	store   guard.Store             // nil = memory
}

type ownText struct {
	// Locale is the language: "pt-BR".
	Locale string `yaml:"locale"`
	// Text is the text, with {code} in it.
	Text string `yaml:"text"`
}

// newOwnCode makes the provider. Limits, retries and transports of the program are for the senders.
func newOwnCode(c ownCode, opts ...otp.Option) (*owncode.Provider, error) {
	set, err := otp.Apply(opts...)
	if err != nil {
		return nil, err
	}
	_, _ = set.Limiter(nil, otp.SendLimiter), set.Limiter(nil, otp.VerifyLimiter)
	kept := func(s *otp.Settings) error {
		s.Name, s.Logger, s.Timeout, s.Shared = set.Name, set.Logger, set.Timeout, set.Shared
		return nil
	}
	cfg := owncode.Config{Store: c.store, Letters: c.Letters, Message: owncode.Message{
		App: c.App, Default: c.DefaultLocale, AppHash: c.AppHash, MaxSegments: c.MaxSegments,
		Origin: owncode.Origin{Host: c.OriginHost}, Templates: make(map[string]string, len(c.Texts)),
	}}
	for i, text := range c.Texts {
		if _, twice := cfg.Message.Templates[text.Locale]; twice {
			return nil, misconfigured(index("texts", i), "must not be of a language that has a text already")
		}
		cfg.Message.Templates[text.Locale] = text.Text
	}
	for _, key := range []string{c.Key, c.OtherKey} {
		if key != "" {
			cfg.Keys = append(cfg.Keys, []byte(key))
		}
	}
	if c.store == nil { // codes outlive a reload
		cfg.Store = otp.SharedValue(set.Shared, "own codes of "+set.Name, newMemory)
	}
	if c.clients == nil {
		return owncode.New(cfg, nobody{}, kept)
	}
	send, ok := senderIn(c.clients[c.Sender])
	if !ok {
		return nil, misconfigured("sender", "must be a provider whose vendor can send texts")
	}
	caps := c.clients[c.Sender].Capabilities()
	if _, sms := caps.Channels[otp.SMS]; !sms {
		cfg.Channels = []otp.Channel{caps.Default}
	}
	if cfg.Fallback, ok = senderIn(c.clients[c.Fallback]); !ok && c.Fallback != "" {
		return nil, misconfigured("fallback", "must be a provider whose vendor can send texts")
	}
	return owncode.New(cfg, send, kept)
}

// senderIn finds who sends texts in a provider with a breaker or the like around it.
func senderIn(p otp.Provider) (otp.TextSender, bool) {
	if send, ok := p.(otp.TextSender); ok {
		return send, true
	}
	if w, ok := p.(otp.Wrapper); ok && len(w.Unwrap()) == 1 {
		return senderIn(w.Unwrap()[0])
	}
	return nil, false
}

func newMemory() *guard.Memory {
	memory, _ := guard.NewMemory(0) // never fails with 0
	return memory
}

func (i *instance) between(clients map[string]otp.Provider, b *assembly) (*instance, error) {
	own, _ := i.config.(ownCode)
	own.clients = clients
	if own.Store != "" {
		var err error
		if own.store, err = handedIn(b, i.path("store"), own.Store, i.registry.Stores); err != nil {
			return nil, err
		}
	}
	made := *i
	made.config = own
	return &made, nil
}

func (s strategyReader) senders(p *plan, root *node) (all []string) {
	providers := root.member("providers")
	for _, name := range s.names {
		n := providers.member(name)
		vendor := n.member("vendor")
		if vendor == nil || !p.registry.vendors[vendor.literal].isOwn() {
			continue
		}
		for _, field := range []string{"sender", "fallback"} {
			if named := n.member(field); named != nil {
				s.isProvider(join("providers", name)+"."+field, named)
				all = append(all, named.literal)
			}
		}
	}
	return all
}
