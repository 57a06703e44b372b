package hypersendertest

import "strings"

const (
	// defaultCodeLength is the vendor's documented default, too ("Request OTP Code").
	defaultCodeLength = 6

	// sampleNumber is invented: a number that is kept free for fiction.
	sampleNumber = "12025550100"
)

// Option sets up a server.
type Option func(*Server)

// WithInstance sets the id of the instance. Without it, or with "", it is a random UUID.
func WithInstance(id string) Option {
	return func(s *Server) {
		if id != "" {
			s.Instance = id
		}
	}
}

// WithToken sets the account's token. Without it, or with "", the token is random.
func WithToken(token string) Option {
	return func(s *Server) {
		if token != "" {
			s.Token = token
		}
	}
}

// WithNumber sets the instance's own WhatsApp number, to which links lead: "+12025550100", with or without
// the plus. Without it, or with "", it is that one.
func WithNumber(number string) Option {
	return func(s *Server) {
		if number = strings.TrimPrefix(number, "+"); number != "" {
			s.Number = number
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

// WithCodeLength sets how long a code is when the request does not say: 4 to 10, else the nearest of the two.
// Without it, it is 6, which is Hypersender's documented default.
func WithCodeLength(characters int) Option {
	return func(s *Server) { s.codeLength = min(max(characters, minLength), maxLength) }
}

// WithoutWhatsApp names phones that are not on WhatsApp, in any form that Code takes. A code for one of them is
// refused with the one error body that the vendor itself shows, in a fixture of its official client.
func WithoutWhatsApp(phones ...string) Option {
	return func(s *Server) {
		for _, phone := range phones {
			s.withoutWhatsApp[phoneOf(phone)] = true
		}
	}
}
