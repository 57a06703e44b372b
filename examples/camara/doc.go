// Package camara sends and verifies one-time passcodes through the One Time Password SMS API of
// CAMARA (GSMA Open Gateway), which mobile operators and aggregators run at hosts of their own.
//
//	client, err := camara.New(camara.Config{
//		BaseURL:      "https://api.operator.example/one-time-password-sms/v1",
//		TokenURL:     "https://api.operator.example/oauth2/token",
//		ClientID:     "my-shop",
//		ClientSecret: os.Getenv("CAMARA_CLIENT_SECRET"),
//	})
//	...
//	v, err := client.Send(ctx, otp.SendRequest{To: "+905321234567"})
//	...
//	err = client.Verify(ctx, v, typed)
//
// It is an example of a vendor outside of the library: a module of its own that imports its public
// packages alone. The page docs/adding-a-vendor.md walks through it.
//
// # Versions
//
// The package is written for API 1.1.1 (Fall25), and works with 1.0.0, 1.1.0 and 2.0.0-rc.2: the
// version stands in Config.BaseURL alone. Names in quotes are "sendCode" and "validateCode"
// (camaraproject/OTPValidation, r3.2), "Design Guide" (camaraproject/Commonalities, r3.3),
// "Security" (camaraproject/IdentityAndConsentManagement, r3.3).
//
// # What is particular to CAMARA
//
//   - The caller writes the whole text, with {{code}} where the code is to stand. The operator
//     makes the code. Its length, lifetime and attempts are the operator's and cannot be asked for:
//     declare them in [Service], so that requests can be checked and Verification.ExpiresAt is
//     known.
//   - A code is verified by the operator's authenticationId alone. When the answer to a send is
//     lost, only another send helps: Verification.CanVerify is false.
//   - A new code for a number ends the one before: that is otp.ErrExpired from then on, and so is a
//     code that was used. The operator answers all of these alike.
//   - A number of another operator is otp.ErrUnreachable: a router then tries the next provider.
//   - Too many codes for one number is otp.ErrRateLimited, about this number alone.
//   - A right code is answered with 204 and no body. What ties that answer to its request is the
//     header x-correlator: an answer with another one is not believed.
//
// A gateway that answers unknown paths with a whole CAMARA error looks like "another operator's
// number". So test BaseURL with a number that you know.
//
// # Credentials
//
// OAuth 2 client credentials, two-legged, with a client secret. The token is kept until shortly
// before it expires, and made anew once when the operator answers 401 with a CAMARA error. The
// profile's own method, private_key_jwt, is not offered here, nor are three-legged flows or DPoP
// ("Security").
package camara
