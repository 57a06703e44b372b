// Package newvendor shows what it takes to add a vendor: its tests hold the smallest complete one, a client and a
// simulator, and run the conformance suite on it. CONTRIBUTING.md walks through them.
package newvendor
