// Package otptest is for tests: of programs that use package otp, and of providers.
//
// [NewProvider] is a provider in memory for a program's own unit tests: it shows the code that it sent, fails as it is
// told to, and records what it was asked.
//
// [TestProvider] is the conformance suite that every vendor of this module passes, and that a provider of your own can
// run, too.
package otptest
