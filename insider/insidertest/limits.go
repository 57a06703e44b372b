package insidertest

import (
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Limits are the account's rate limits. The zero value has none. Every operation is counted by itself, in a
// window that slides on the server's Clock.
type Limits struct {
	GenerateWhatsApp Rate // generate with the channel whatsapp
	GenerateSMS      Rate // generate with the channel sms
	Check            Rate // check, whatever the channel
	Channel          Rate // channel/create and channel/update, each
	Template         Rate // template/create, template/update and template/list, each
}

// DocumentedLimits are the vendor's figures where its pages disagree: the current "Generate OTP Codes" pages
// for generate, and the page on API rate limits for the rest. Insider raises them on request.
func DocumentedLimits() Limits {
	return Limits{
		GenerateWhatsApp: Rate{Events: 750, Per: time.Second},
		GenerateSMS:      Rate{Events: 250, Per: time.Minute},
		Check:            Rate{Events: 750, Per: time.Minute},
		Channel:          Rate{Events: 25, Per: time.Minute},
		Template:         Rate{Events: 25, Per: time.Minute},
	}
}

// meter counts one request to an operation; see otpsim.Window.Take.
type meter func(*otpsim.Object) (wait time.Duration, ok bool)

func (s *Server) meter(rate Rate) meter {
	window := otpsim.NewWindow(s.Clock, rate)
	return func(*otpsim.Object) (time.Duration, bool) { return window.Take() }
}

// generateMeter looks into the body, because each channel has its limit. A body without a known channel is
// refused anyhow and not counted.
func (s *Server) generateMeter() meter {
	windows := map[string]*otpsim.Window{
		whatsApp: otpsim.NewWindow(s.Clock, s.limits.GenerateWhatsApp),
		sms:      otpsim.NewWindow(s.Clock, s.limits.GenerateSMS),
	}
	return func(body *otpsim.Object) (time.Duration, bool) {
		if body == nil {
			return 0, true
		}
		window := windows[body.String("channel")]
		if window == nil {
			return 0, true
		}
		return window.Take()
	}
}
