package otpsim

import "time"

// SetWithin changes how long a client has for its body. Set it before the first request.
func (s *Server) SetWithin(d time.Duration) { s.within = d }
