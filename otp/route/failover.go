package route

import "github.com/otp-sdk/otp-go/otp"

// Failover sends through the first of providers, and through the next one only when nothing can
// have been sent.
//
// A provider that cannot serve the request is passed over without being asked. After one that was
// asked, the next is asked only if the error's outcome is otp.OutcomeNotSent and the fault is the
// vendor's or the account's: unavailable, rate limited, unauthorized, out of funds, or a person
// that this vendor cannot reach. What is the caller's fault ends the send at once: a bad recipient
// or request and a cancelled context. So do a guard that refuses, and a context that has ended.
// With otp.OutcomeUnknown Send returns the error and the Verification of that provider, because the
// person may hold its code; to send once more is the caller's decision, with Previous.
//
// The context bounds the whole send. Give it a deadline: without one, every vendor that is asked
// may take its own time. The context's observer is notified of each provider that is passed over,
// see [otp.PassedOverEvent], and of each handing on, see [otp.FailoverEvent].
func Failover(name string, providers ...otp.Provider) (*Router, error) {
	return newRouter(name, "failover", providers)
}
