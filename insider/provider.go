package insider

import (
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.Provider = (*Client)(nil)

func capabilities(channel otp.Channel) otp.Capabilities {
	features := otp.Features{
		CodeLength:  otp.Range[int]{Min: shortestCode, Max: longestCode},
		MaxAttempts: otp.Range[int]{Min: fewestAttempts, Max: mostAttempts},
		TTL:         otp.Range[time.Duration]{Min: shortestTTL, Max: longestTTL},
		OwnCode:     true,
	}
	sms, whatsApp := features, features
	sms.Locales, whatsApp.Locales = smsLocales, whatsAppLocales
	return otp.Capabilities{
		Vendor:   vendor,
		Default:  channel,
		Channels: map[otp.Channel]otp.Features{otp.SMS: sms, otp.WhatsApp: whatsApp},
	}
}

func request(req otp.SendRequest) (GenerateRequest, error) {
	if req.Channel == otp.SMS && isBelow1000(req.Code) {
		return GenerateRequest{}, vendorkit.Invalid("code", ownCodeOnSMS)
	}
	if req.Code != "" { // how the vendor combines the two is not documented
		req.CodeLength = 0
	}
	return GenerateRequest{
		Channel: req.Channel, To: req.To, Locale: req.Locale, TTL: req.TTL, CodeLength: req.CodeLength,
		CustomCode: req.Code, MaxAttempts: req.MaxAttempts,
	}, nil
}

// Unique asks for a code that no other request has. WhatsApp only; on SMS the send is refused.
func Unique() otp.SendOption {
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		r.IsUnique = true
		return nil
	})
}

// Callback names the URL for the events of this message, see [ReportTo]. SMS only.
func Callback(url string) otp.SendOption {
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		r.Callback = url
		return vendorkit.Required("callback", url)
	})
}
