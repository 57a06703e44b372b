package route

import (
	"github.com/otp-sdk/otp-go/otp"
)

// Draining sends through active only, and lets the retired providers verify what they have sent
// before: for a vendor that one has moved away from, until the last of its codes has expired.
func Draining(name string, active otp.Provider, retired ...otp.Provider) (*Router, error) {
	r, err := newRouter(name, "draining", append([]otp.Provider{active}, retired...))
	if err != nil {
		return nil, err
	}
	r.senders = r.children[:1]
	return r, nil
}
