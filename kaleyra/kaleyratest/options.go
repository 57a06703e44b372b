package kaleyratest

// defaultCodeLength is the simulators' own; Kaleyra's is not documented.
const defaultCodeLength = 6

// Option sets up a server.
type Option func(*Server)

// WithSID sets the account's security identifier. Without it, or with "", the SID is random.
func WithSID(sid string) Option {
	return func(s *Server) {
		if sid != "" {
			s.SID = sid
		}
	}
}

// WithAPIKey sets the account's key. Without it, or with "", the key is random.
func WithAPIKey(key string) Option {
	return func(s *Server) {
		if key != "" {
			s.APIKey = key
		}
	}
}

// WithClock gives the server a clock, for instance one that several simulators share.
func WithClock(clock *Clock) Option {
	return func(s *Server) {
		if clock != nil {
			s.Clock = clock
		}
	}
}

// WithQuirks chooses among the readings that the vendor's pages leave open.
func WithQuirks(q Quirks) Option {
	return func(s *Server) { s.quirks = q }
}

// WithLimits turns on rate limits. Without it there are none.
func WithLimits(l Limits) Option {
	return func(s *Server) { s.limits = l }
}

// WithCodeLength sets how long the codes of a flow without a Length are, at least 1. Without it, it is 6.
// Kaleyra's own range is not documented.
func WithCodeLength(digits int) Option {
	return func(s *Server) { s.codeLength = max(digits, 1) }
}

// WithFlow sets up a flow. The account then has the flows that were given this way and no other, so
// WithFlow(Flow{}) is an account whose only flow has to be named by its flow_id:
//
//	srv := kaleyratest.NewServer(
//		kaleyratest.WithFlow(kaleyratest.Flow{Default: true, Length: 4}),
//		kaleyratest.WithFlow(kaleyratest.Flow{ID: "f55b8994-7b69-47af-9ef2-1fdee4295e2b", Alphanumeric: true}),
//	)
//
// Of two flows with the same ID, and of two defaults, the later one counts.
func WithFlow(f Flow) Option {
	return func(s *Server) { s.flows = append(s.flows, f) }
}
