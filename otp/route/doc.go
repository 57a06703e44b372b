// Package route composes providers: what it makes is an otp.Provider again, so compositions nest.
//
//   - [Failover]: the next vendor when the first has certainly not sent
//   - [Weighted]: shares of the sends
//   - [ByPrefix]: a vendor for each country or range of numbers
//   - [Learning]: the vendor whose codes come back
//   - [Draining]: one vendor sends, those that it replaces still verify
//   - [Breaker]: leaves a failing vendor alone for a while
//   - [Switch]: a provider that can be replaced while it is in use
//
// What holds for all of them:
//
//   - A send is at most one text. It goes on to another vendor only when the error of the last one
//     proves that nothing was sent. A panic in a provider proves nothing.
//   - A Verification names the vendor that has sent, and Verify finds that one wherever it is. On
//     its way it passes everything between, such as a guard that counts attempts.
//   - Names are unique within a tree; only a wrapper may share its single child's name. The same
//     provider may stand in several branches.
//   - Constructors refuse with an *otp.Error of kind otp.ErrMisconfigured that names the field.
//   - Capabilities are what all branches can do. What one branch can do beyond them is sent through
//     that branch, see [otp.CanSend].
//
// docs/routing.md says which one to choose.
//
// A wrapper of your own takes part if it has the method Unwrap() []otp.Provider and passes
// verifications through as they are. One without it counts as a vendor, whose name stands in the
// verifications.
//
// Breakers belong next to the vendors, and guards outermost, so that what they have counted
// survives a replacement:
//
//	guard → Switch → Failover → Breaker → vendor
package route
