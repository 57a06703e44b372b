package smsfactortest

// Option sets up a server.
type Option func(*Server)

// WithAPILogin sets the account's login. Without it, or with "", the login is random.
func WithAPILogin(login string) Option {
	return func(s *Server) {
		if login != "" {
			s.APILogin = login
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

// WithSettings sets up the account: what holds for a generate request that does not say otherwise. A field
// that is zero has the default that Settings names.
func WithSettings(settings Settings) Option {
	return func(s *Server) { s.settings = settings }
}

// WithLimits turns on rate limits. Without it there are none.
func WithLimits(l Limits) Option {
	return func(s *Server) { s.limits = l }
}

// WithCodeLength sets how long a code is when the request has no code_length: 3 to 32, else the nearest of the
// two. Without it, it is 6. It is short for the same field of Settings: the option that comes last counts.
func WithCodeLength(characters int) Option {
	return func(s *Server) { s.settings.CodeLength = max(characters, shortestCode) }
}

// WithFailure lets every generate request for this number fail in the same way, and sends it nothing. Give
// it once for each number. For a failure that passes, see Server.Fail.
//
//	smsfactortest.WithFailure("+33600000104", smsfactortest.OutOfCredit)
func WithFailure(to string, failure Failure) Option {
	return func(s *Server) { s.failures[canonical(to)] = failure }
}
