// Package faults measures what comes of every fault for the vendors of this module.
//
// docs/reliability.md explains the promises and has the table of what was measured;
// go test ./internal/faults -update writes it.
package faults
