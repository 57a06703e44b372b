// Package otptest is for tests: of programs that use package otp, and of providers.
//
// # Testing a program
//
// [NewProvider] is a provider in memory. It shows the code that it sent, fails on request,
// and records what it was asked.
//
// # Testing a provider
//
// [TestProvider] is the conformance suite: what a program may rely on with every provider. It needs
// a provider and a look at what is behind it, which can be a simulator, a double or a map; nothing
// in it needs HTTP.
//
// [TestFaults] is for providers over HTTP. It puts one before a server on loopback that does
// everything wrong that a vendor, a proxy or the network can do wrong, and counts the requests that
// this server reads.
//
// [TestConfig], [TestMasked] and [TestRefusals] check what every vendor's package promises beside
// the contract: that nothing prints a secret, and that a bad value is refused by field and rule
// before any request.
package otptest
