package insidertest

// defaultCodeLength is the simulators' own; Insider's documented default is 4.
const defaultCodeLength = 6

// Option sets up a server.
type Option func(*Server)

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

// WithCodeLength sets how long a code is when the request has neither code-length nor custom-code: 4 to 8,
// else the nearest of the two. Without it, it is 6. Insider's documented default is 4 ("Generate OTP
// Codes"): WithCodeLength(4).
func WithCodeLength(digits int) Option {
	return func(s *Server) { s.codeLength = min(max(digits, minCodeLength), maxCodeLength) }
}

// WithChannel starts with a channel that was created before: "sms" with its brand name, or "whatsapp", which
// has none. Creating an SMS channel installs ten templates.
func WithChannel(channel, brandName string) Option {
	return func(s *Server) { s.account.createChannel(channel, brandName) }
}

// WithTemplate starts with a template that was registered before: the text of an SMS, or the name of a
// WhatsApp template.
func WithTemplate(channel, locale, textOrName string) Option {
	return func(s *Server) { s.account.setTemplate(channel, locale, textOrName) }
}
