// Package faults holds the proof that a send is never repeated unless it provably was not sent.
//
// Its tests put every vendor's client before a server on loopback that does everything wrong that a vendor, a proxy in
// front of one, or the network between can do wrong, and count what that server was asked. docs/reliability.md says in
// plain words what they prove, and holds the table of what they measured; go test ./internal/faults -update writes it.
package faults
