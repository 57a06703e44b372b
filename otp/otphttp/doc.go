// Package otphttp is the way from a provider to a person: it turns errors into HTTP answers, and has a
// sign-in by phone for net/http, for pages with and without script and for JSON. [New] shows how.
//
// A browser that hangs up changes nothing: the send goes on, with a time of its own, and the next
// request of this browser finds it. One browser has one send under way at a time. For that it needs its
// cookie, so let it get the page first; a client that speaks JSON does the same. What is on its way is
// known to the process that sent it: several need a [Store], or a guard with a shared store.
//
// The handler looks at no account, so known and unknown numbers get the same answer in the same time.
// Put a guard around the provider: without one, nothing limits how many codes strangers ask for.
package otphttp
