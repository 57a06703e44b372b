// Package guardtest is for those who write a [guard.Store]: a conformance suite, [TestStore].
package guardtest
