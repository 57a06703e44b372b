// Package owncode makes an [otp.Provider] of anything that can send a text: the codes are made and
// checked here, and the gateway only carries them.
//
//	gateway := owncode.SenderFunc(func(ctx context.Context, t owncode.Text) error {
//		return myGateway.Send(ctx, t.To, t.Body) // owncode.NotSent(err) where nothing can have been sent
//	})
//	provider, err := owncode.New(owncode.Config{Keys: [][]byte{key}}, gateway)
//
// A code is derived from a key, a random id, the number and the purpose (guard.Caller.Purpose), so
// it is stored nowhere and can be sent again. Attempts, expiry, single use and the newest id live
// in a guard.Store: in memory, or in Redis for several processes. Nothing in the store lets anybody
// compute a code without the key.
//
// The newest code of a number and purpose ends the one before. A send with a Previous texts the
// same code again, under the same Verification, while it can still be used and has at least half of
// its life; otherwise it makes a new one, which ends the old.
//
// Because the code is known here, a second sender can carry the same code when nobody knows whether
// the first one did: see [Config.Fallback].
package owncode
