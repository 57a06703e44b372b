// Package otpsim is what the vendors' simulators are built from: a clock that can be moved, an inbox of the
// texts that were "sent", a script of faults, a record of the requests that came, and the HTTP server around
// them. It knows no vendor: a vendor's simulator brings its operations as [Operation] values and turns each
// request into an [Answer]; everything that can go wrong between the two is done here, once.
//
// It does not import testing, because programs start simulators, too.
package otpsim
