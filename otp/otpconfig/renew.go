package otpconfig

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/otp-sdk/otp-go/otp"
)

// renewable is a provider with secrets in files. When the vendor refuses them, they are read again,
// and the call, of which nothing was done, is repeated.
type renewable struct {
	clients func() *clients // a function, so that nothing that prints structures finds the secrets
}

// clients are the client with the latest secrets, and what it takes to make the next.
type clients struct {
	with     *assembly
	renewing sync.Mutex
	current  atomic.Pointer[renewed]
}

type renewed struct {
	otp.Provider
	instance *instance
}

// renewing puts a renewable around a client. It keeps no other clients: each would keep those
// before it.
func renewing(client otp.Provider, i *instance, b *assembly) otp.Provider {
	c := &clients{with: &assembly{shared: b.shared, options: b.options, trial: b.trial, standIns: b.standIns}}
	c.current.Store(&renewed{client, i})
	r := renewable{func() *clients { return c }}
	if _, texts := client.(otp.TextSender); texts {
		return &renewableTexts{r}
	}
	return &r
}

func (r *renewable) now() otp.Provider              { return r.clients().current.Load().Provider }
func (r *renewable) Name() string                   { return r.now().Name() }
func (r *renewable) Capabilities() otp.Capabilities { return r.now().Capabilities() }
func (r *renewable) Unwrap() []otp.Provider         { return []otp.Provider{r.now()} }

func (r *renewable) Send(ctx context.Context, req otp.SendRequest) (v otp.Verification, err error) {
	err = r.clients().do(func(p otp.Provider) error {
		v, err = p.Send(ctx, req)
		return err
	})
	return v, err
}

func (r *renewable) Verify(ctx context.Context, v otp.Verification, code string) error {
	return r.clients().do(func(p otp.Provider) error { return p.Verify(ctx, v, code) })
}

// renewableTexts is a renewable whose client can send texts.
type renewableTexts struct{ renewable }

func (r *renewableTexts) SendText(ctx context.Context, t otp.Text) error {
	return r.clients().do(func(p otp.Provider) error {
		sender, _ := p.(otp.TextSender) // as the first one
		return sender.SendText(ctx, t)
	})
}

// do makes a call, and makes it again whenever there are new secrets by then.
func (c *clients) do(call func(otp.Provider) error) error {
	const most = 3
	used := c.current.Load()
	for tries := 1; ; tries++ {
		err := call(used.Provider)
		if tries == most || !errors.Is(err, otp.ErrUnauthorized) || otp.OutcomeOf(err) != otp.OutcomeNotSent {
			return err
		}
		if used = c.after(used); used == nil {
			return err
		}
	}
}

// after is what came after used. Nil = nothing yet.
func (c *clients) after(used *renewed) *renewed {
	c.renewing.Lock()
	defer c.renewing.Unlock()
	if current := c.current.Load(); current != used {
		return current
	}
	i := used.instance.withSecretsOfNow()
	if i == nil {
		return nil
	}
	client, _, err := i.vendorsClient(c.with)
	if err != nil { // half a secret, perhaps
		return nil
	}
	next := &renewed{client, i}
	c.current.Store(next)
	return next
}

// withSecretsOfNow is the instance with what its secret files hold now. Nil = nothing new, or of no
// use.
func (i *instance) withSecretsOfNow() *instance {
	config := reflect.New(i.vendor.config).Elem()
	config.Set(reflect.ValueOf(i.config))
	changed := false
	for _, file := range i.files {
		data, rule := readFile(file.path, longestText, io.Discard)
		secret, field := withoutQuotes(strings.TrimSpace(string(data))), config.Field(file.index)
		if rule != "" || secret == "" {
			return nil
		}
		changed = changed || field.String() != secret
		field.SetString(secret)
	}
	if !changed {
		return nil
	}
	next := *i
	next.config = config.Interface()
	return &next
}
