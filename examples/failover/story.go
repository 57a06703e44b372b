package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// story is what happened to the people who signed in.
type story struct {
	provider otp.Provider
	inboxes  map[string]*otpsim.Inbox // by provider
	rows     []row
}

type row struct {
	person, sender, verified, happened string
	texts                              int // that reached the phone
}

// signIn sends a person a code and lets them type it.
func (s *story) signIn(ctx context.Context, to string) {
	r := row{person: otp.Mask(to)}
	var notes []string
	ctx = otp.WithObserver(ctx, func(e otp.Event) {
		switch e := e.(type) {
		case otp.FailoverEvent:
			notes = append(notes, fmt.Sprintf("%s: %s", e.From, e.Kind))
		case otp.BreakerEvent:
			notes = append(notes, fmt.Sprintf("breaker of %s: %s", e.Provider, e.To))
		}
	})
	v, err := s.provider.Send(ctx, otp.SendRequest{To: to})
	switch {
	case err == nil:
	case otp.OutcomeOf(err) == otp.OutcomeUnknown: // the code may be on its way: no other vendor sends, the person types
		notes = append(notes, "outcome unknown: may have been sent")
	default:
		notes = append(notes, err.Error()) // every vendor, with its cause
	}
	r.sender, r.happened = v.Provider, cmp.Or(strings.Join(notes, "; "), "–")
	for _, inbox := range s.inboxes {
		r.texts += len(inbox.Of(to))
	}
	r.verified = s.verify(ctx, v)
	s.rows = append(s.rows, r)
}

// verify is what becomes of the code that the person received.
func (s *story) verify(ctx context.Context, v otp.Verification) string {
	inbox := s.inboxes[v.Provider]
	if inbox == nil {
		return "no code"
	}
	code, _ := inbox.Code(v.To)
	if err := s.provider.Verify(ctx, v, code); err != nil {
		return err.Error()
	}
	return "yes"
}

func (s *story) table(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "person\tsent by\ttexts\tverified\twhat happened")
	senders := make(map[string]int)
	for _, r := range s.rows {
		fmt.Fprintf(w, "%s\t%s\t%d\t%s\t%s\n", r.person, r.sender, r.texts, r.verified, r.happened)
		senders[r.sender]++
	}
	_ = w.Flush() // to a person
	fmt.Fprintf(out, "\nmain sent %d, backup sent %d\n", senders["main"], senders["backup"])
}
