// Package otpsim is for writing a simulator of a vendor: an HTTP server on this machine that
// answers like the vendor, sends no text and costs nothing. The simulators insidertest,
// kaleyratest, hypersendertest and smsfactortest are written with it, and embed its [Server].
//
// # Using a simulator
//
// Point the program under test at the simulator, and read what the phone has received:
//
//	srv := insidertest.NewServer()
//	defer srv.Close()
//	// give the program srv.URL and srv.APIKey, let it send a code to +905321234567, then:
//	code, ok := srv.Code("+905321234567")
//
// Every simulator has the same parts:
//
//   - srv.Inbox has every text by phone; srv.Inbox.Next(ctx, to) waits for one.
//   - srv.Clock lets codes expire without waiting: srv.Clock.Advance(3 * time.Minute).
//   - srv.Fail injects faults, see [Fault]: after srv.Fail(otpsim.AfterAccepting(500)) the next
//     text is sent and the answer is a 500.
//   - srv.Receipts says what the vendor reports about each text, where it has a URL for that:
//     "delivered", late, twice or forged. The calls are real, and repeated as at the vendor.
//   - srv.Limit turns on a rate limit. Without it there is none.
//   - srv.Requests lists what was asked and answered.
//   - srv.Age, srv.Divert, srv.ReceiptsTo, srv.Forget and [Fault.To] are for one phone number.
//
// [Replay] serves what a real vendor has answered, from a recording.
//
// # Writing one
//
// A simulator says which operations its vendor has, and turns each request into an [Answer].
// Everything else is done here: paths, keys, rate limits, faults, the record of requests, and
// Close.
//
//	type Server struct {
//		*otpsim.Server
//		APIKey string // the same name as in the Config of the client
//	}
//
//	func NewServer() *Server {
//		s := &Server{APIKey: rand.Text()}
//		s.Server = otpsim.New(otpsim.Config{
//			Operations: []otpsim.Operation{
//				{Name: "send", Method: "POST", Path: "/v1/send", Do: s.send},
//			},
//			Authorize: func(r *http.Request) int {
//				if !otpsim.SameKey(r.Header.Get("api-key"), s.APIKey) {
//					return http.StatusUnauthorized
//				}
//				return 0
//			},
//		})
//		s.Start()
//		return s
//	}
//
//	func (s *Server) send(r *http.Request, body []byte) otpsim.Answer { ... }
//
// The example of the package is a whole simulator. It keeps its codes in the Inbox: it finds them
// with [Inbox.Get] and [Inbox.Find], and notes with [Inbox.Attempt] and [Inbox.Replace] what became
// of them. Operations run one at a time, so a simulator needs no locks. [Object] reads JSON
// strictly. Points that the vendor's pages leave open become boolean fields of a struct Quirks, and
// [EachQuirk] lets a test run the client against each of them.
package otpsim
