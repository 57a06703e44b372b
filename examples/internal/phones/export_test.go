package phones

import (
	"strings"
	"time"
)

// SetWithin changes how long a client has for its body. Set it before the first request.
func (p *Phones) SetWithin(d time.Duration) { p.within = d }

// Calls are the methods and paths of the API, as "GET /api/messages".
func (p *Phones) Calls() (list []string) {
	for path, calls := range p.own {
		for method := range calls {
			if strings.HasPrefix(path, "/api/") {
				list = append(list, method+" "+path)
			}
		}
	}
	return list
}
