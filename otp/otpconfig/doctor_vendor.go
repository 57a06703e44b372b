package otpconfig

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func examineVendor(ctx context.Context, p otp.Provider) []Finding {
	if _, own := p.(*owncode.Provider); own {
		return []Finding{{p.Name(), "sending", ResultUnchecked, "codes are made here; whether their texts go out, only a send shows"}}
	}
	var way way
	caps := p.Capabilities()
	madeUp := otp.Verification{Provider: p.Name(), ID: "00000000-0000-4000-8000-000000000000", To: nobodysNumber}
	code := strings.Repeat("0", cmp.Or(caps.Channels[caps.Default].CodeLength.Min, otp.DefaultCodeLength)) // or it is not asked
	answer := answerOf(p.Verify(httptrace.WithClientTrace(ctx, way.hooks()), madeUp, code))
	answer.Provider = p.Name()
	all, connected := way.findings(p.Name())
	all = append(all, answer)
	if kit, ok := kitOf(tree.Leaves(p)[0]); ok && connected {
		all = append(all, clock(ctx, kit))
	}
	return append(all, Finding{
		p.Name(), "sending", ResultUnchecked, "sender, template or flow, balance and countries: send a code to your own phone",
	})
}

// answerOf says what the error of the made-up verification means.
func answerOf(err error) Finding {
	f := Finding{Check: "answer", Result: ResultWrong}
	advice, failure := "", new(otp.Error)
	switch {
	case err == nil:
		f.Text = "a code that nobody has sent was accepted: do not let anybody in with this provider"
		return f
	case errors.Is(err, otp.ErrCodeRejected) && otp.OutcomeOf(err) == otp.OutcomeAccepted:
		f.Result, f.Text = ResultOK, "address and key are right: the vendor rejects a made-up code"
		return f
	case errors.Is(err, otp.ErrUnauthorized):
		advice = "the vendor refuses the key, or base_url is not the vendor's"
	case errors.Is(err, otp.ErrMisconfigured):
		advice = "base_url or the account is wrong"
	case errors.Is(err, otp.ErrInsufficientFunds):
		advice = "top the account up"
	case errors.Is(err, otp.ErrRateLimited), errors.Is(err, otp.ErrCanceled):
		f.Result, advice = ResultUnchecked, "try again later"
	case !errors.As(err, &failure) || failure.HTTPStatus == 0:
		advice = "there is no answer; look at base_url, DNS, firewalls and proxies"
	default:
		advice = "this is not the answer of the vendor's API; look at base_url"
	}
	f.Text = advice + ": " + err.Error()
	return f
}

// way is how a request got to its vendor. A dial may go on when the request has ended, so the lock.
type way struct {
	mu   sync.Mutex
	to   string // host and port, or those of the proxy
	conn net.Conn
}

func (w *way) hooks() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(to string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.to = to
		},
		GotConn: func(info httptrace.GotConnInfo) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.conn = info.Conn
		},
	}
}

func (w *way) findings(provider string) (all []Finding, connected bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.to == "":
		return []Finding{{provider, "connection", ResultUnchecked, "the client's transport does not show it"}}, false
	case w.conn == nil:
		return []Finding{{provider, "connection", ResultWrong, "there is none to " + w.to}}, false
	}
	connection := Finding{provider, "connection", ResultOK, w.to + " at " + w.conn.RemoteAddr().String()}
	return []Finding{connection, encryption(provider, w.conn)}, true
}

func encryption(provider string, conn net.Conn) Finding {
	f := Finding{provider, "TLS", ResultOK, "plain HTTP, within this machine"}
	if state := stateOf(conn); len(state.PeerCertificates) > 0 {
		ends := state.PeerCertificates[0].NotAfter
		f.Text = tls.VersionName(state.Version) + ", certificate until " + ends.Format(time.DateOnly)
		if time.Until(ends) < 14*24*time.Hour {
			f.Result, f.Text = ResultWarning, f.Text+", which is soon: the operator of the server has to renew it"
		}
		return f
	}
	if to, isTCP := conn.RemoteAddr().(*net.TCPAddr); !isTCP || !to.IP.IsLoopback() {
		f.Result, f.Text = ResultWarning, "plain HTTP: keys, numbers and codes travel unencrypted; use https in base_url"
	}
	return f
}

// stateOf finds the encryption in a connection that may be wrapped. Zero = there is none.
func stateOf(conn net.Conn) tls.ConnectionState {
	for conn != nil {
		if encrypted, ok := conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
			return encrypted.ConnectionState()
		}
		wrapper, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = wrapper.NetConn()
	}
	return tls.ConnectionState{}
}

func clock(ctx context.Context, kit *vendorkit.Client) Finding {
	f := Finding{kit.Name(), "clock", ResultUnchecked, "the answer has no date"}
	start, end, date := time.Now(), time.Time{}, time.Time{}
	_ = kit.Do(ctx, vendorkit.Call{
		Op: "doctor", Class: vendorkit.Verify, Method: http.MethodHead, Path: "/",
		Success: func(a vendorkit.Answer) bool {
			end = time.Now()
			date, _ = http.ParseTime(a.Header.Get("Date"))
			return true
		},
	}) // whatever the answer is, its date counts
	if date.IsZero() {
		return f
	}
	f.Result, f.Text = ResultOK, "as the vendor's, to some seconds"
	const mostSkew = 5 * time.Second // a Date header is exact to one
	if ahead := start.Sub(date); ahead > mostSkew || date.Sub(end) > mostSkew {
		f.Result, f.Text = ResultWrong, fmt.Sprintf("this machine's clock differs by %v: set it by NTP", ahead.Round(time.Second))
	}
	return f
}
