package route_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// forest makes random trees over leaves that fail at random, and keeps a record of what the leaves
// are asked.
type forest struct {
	t      *rapid.T
	leaves []*double
	names  int

	asked    []string // the leaves of one send, in order
	last     error    // what the last of them has returned
	verified []string
}

func (f *forest) name() string { f.names++; return fmt.Sprint("n", f.names) }

func (f *forest) leaf() otp.Provider {
	if len(f.leaves) > 0 && rapid.IntRange(0, 4).Draw(f.t, "shared") == 0 {
		return rapid.SampledFrom(f.leaves).Draw(f.t, "which")
	}
	d := &double{name: f.name()}
	d.send = func(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
		if f.last != nil && otp.OutcomeOf(f.last) != otp.OutcomeNotSent {
			f.t.Fatalf("%s is asked after %v of %v", d.name, f.last, f.asked)
		}
		f.asked = append(f.asked, d.name)
		f.last = f.anError(d.name)
		if f.last != nil && otp.OutcomeOf(f.last) == otp.OutcomeNotSent {
			return otp.Verification{}, f.last
		}
		return otp.Verification{Provider: d.name, ID: "1", To: req.To}, f.last
	}
	d.verify = func(_ context.Context, v otp.Verification, _ string) error {
		f.verified = append(f.verified, d.name)
		return nil
	}
	f.leaves = append(f.leaves, d)
	return d
}

func (f *forest) anError(name string) error {
	if rapid.IntRange(0, 3).Draw(f.t, "well") == 0 {
		return nil
	}
	if rapid.IntRange(0, 9).Draw(f.t, "panic") == 0 {
		f.last = &otp.Error{} // of an unknown outcome
		panic(name)
	}
	return &otp.Error{
		Provider: name, Op: "send",
		Kind: rapid.SampledFrom([]otp.Kind{
			otp.ErrInvalidRecipient, otp.ErrUnsupported, otp.ErrUnauthorized, otp.ErrRateLimited, otp.ErrUnavailable,
			otp.ErrProtocol, otp.ErrCanceled, otp.ErrRefused,
		}).Draw(f.t, "kind"),
		Outcome: rapid.SampledFrom([]otp.Outcome{otp.OutcomeNotSent, otp.OutcomeNotSent, otp.OutcomeUnknown, otp.OutcomeAccepted}).
			Draw(f.t, "outcome"),
	}
}

// tree is a provider of at most depth levels.
func (f *forest) tree(depth int) otp.Provider {
	sort := rapid.IntRange(0, 7).Draw(f.t, "sort")
	if depth == 0 {
		return f.leaf()
	}
	switch sort {
	case 0:
		return f.leaf()
	case 1:
		return f.made(route.Breaker(f.tree(depth-1), route.WithFaults(1)))
	case 2:
		return f.made(route.NewSwitch(f.name(), f.tree(depth-1), 0))
	}
	children := make([]otp.Provider, rapid.IntRange(1, 3).Draw(f.t, "children"))
	for i := range children {
		children[i] = f.tree(depth - 1)
	}
	switch sort {
	case 3:
		shares := make([]route.Share, len(children))
		for i, child := range children {
			shares[i] = route.Share{Provider: child, Weight: i + 1}
		}
		return f.made(route.Weighted(f.name(), shares...))
	case 4:
		routes := map[string]otp.Provider{}
		for i, child := range children {
			routes[[]string{"", "+90", "+905"}[i]] = child
		}
		return f.made(route.ByPrefix(f.name(), routes))
	case 5:
		return f.made(route.Learning(f.name(), children, route.WithSeed(1)))
	default:
		return f.made(route.Failover(f.name(), children...))
	}
}

// made discards trees in which a leaf stands twice beside itself, or beside its breaker.
func (f *forest) made(p otp.Provider, err error) otp.Provider {
	if err != nil {
		f.t.Skip("no sound tree")
	}
	return p
}

func TestNoTreeTextsTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &forest{t: t}
		p := f.made(route.Failover("root", f.tree(3), f.tree(2), f.tree(1)))
		for range 3 {
			f.asked, f.last = nil, nil
			var v otp.Verification
			var err error
			if rapid.Bool().Draw(t, "again") {
				prev := via(rapid.SampledFrom(f.leaves).Draw(t, "prev").name, otp.SMS)
				v, err = p.Send(t.Context(), again(prev, otp.SendRequest{To: number}))
			} else {
				v, err = p.Send(t.Context(), otp.SendRequest{To: number})
			}
			checkError(t, f, v, err)
		}
		for _, leaf := range f.leaves {
			f.verified = nil
			if err := p.Verify(t.Context(), via(leaf.name, otp.SMS), "1"); err != nil {
				t.Fatalf("verify %s: %v", leaf.name, err)
			}
			if len(f.verified) != 1 || f.verified[0] != leaf.name {
				t.Fatalf("a verification of %s went to %v", leaf.name, f.verified)
			}
		}
	})
}

// checkError requires that what the caller sees is what the last leaf has done.
func checkError(t *rapid.T, f *forest, v otp.Verification, err error) {
	if err == nil {
		if f.last != nil || len(f.asked) == 0 || v.Provider != f.asked[len(f.asked)-1] {
			t.Fatalf("no error, %v, asked %v, the last said %v", v, f.asked, f.last)
		}
		return
	}
	if kindOf(err) == "" {
		t.Fatalf("an error without a kind: %v", err)
	}
	outcome := otp.OutcomeNotSent
	if len(f.asked) > 0 {
		outcome = otp.OutcomeOf(f.last)
	}
	if otp.OutcomeOf(err) != outcome {
		t.Fatalf("outcome %s of %v, the last of %v said %v", otp.OutcomeOf(err), err, f.asked, f.last)
	}
	if outcome != otp.OutcomeNotSent && v.Provider != f.asked[len(f.asked)-1] {
		t.Fatalf("the person may hold a code of %v, and the verification is %v", f.asked, v)
	}
}
