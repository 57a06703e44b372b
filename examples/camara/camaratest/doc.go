// Package camaratest is a simulator of an operator that runs the One Time Password SMS API of
// CAMARA, with its token endpoint. It listens on this machine, sends no text and costs nothing.
//
//	srv := camaratest.NewServer(camaratest.Quirks{})
//	defer srv.Close()
//	// give the program srv.BaseURL, srv.TokenURL, srv.ClientID and srv.ClientSecret, let it send a code, then:
//	code, ok := srv.Code("+905321234567")
//
// It embeds an [otpsim.Server], which has the inbox, the clock, the faults and the list of
// requests. The names of the operations, for faults and limits, are "token", "send" and "verify".
//
// It is written from the specification alone, API 1.1.1 (camaraproject/OTPValidation, r3.2),
// without a look at the client: strict about headers, tokens, fields and limits, with every
// documented error to the letter. Where the documents are silent, the values are fields of [Server]
// and the points are [Quirks].
package camaratest
