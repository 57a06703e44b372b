package otpconfig

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/otp-sdk/otp-go/otp"
)

// someChannels is a provider that offers some of its channels only, also to a code that is sent
// again.
type someChannels struct {
	otp.Provider
	channels []otp.Channel // the first is the default
}

// onChannels makes a provider offer these channels only. Its default stays, if it is one of them.
func onChannels(p otp.Provider, channels []otp.Channel) (otp.Provider, error) {
	caps := p.Capabilities()
	if len(channels) == 0 {
		return nil, misconfigured("channels", "must not be empty; leave it out to have all of them")
	}
	for i, channel := range channels {
		field := index("channels", i)
		if _, offered := caps.Channels[channel]; !offered {
			var known []string
			for _, offered := range slices.Sorted(maps.Keys(caps.Channels)) {
				known = append(known, string(offered))
			}
			return nil, misconfigured(field, orMeant("is no channel of this provider", string(channel), known))
		}
		if slices.Contains(channels[:i], channel) {
			return nil, misconfigured(field, "must not name "+string(channel)+" a second time")
		}
	}
	if i := slices.Index(channels, caps.Default); i > 0 {
		channels = slices.Concat(channels[i:i+1], channels[:i], channels[i+1:])
	}
	return &someChannels{p, channels}, nil
}

func (s *someChannels) Unwrap() []otp.Provider { return []otp.Provider{s.Provider} }

func (s *someChannels) Capabilities() otp.Capabilities {
	caps := s.Provider.Capabilities()
	offered := make(map[otp.Channel]otp.Features, len(s.channels))
	for _, channel := range s.channels {
		offered[channel] = caps.Channels[channel]
	}
	caps.Default, caps.Channels = s.channels[0], offered
	return caps
}

func (s *someChannels) CanSend(req otp.SendRequest) error {
	if err := s.choose(&req); err != nil {
		return err
	}
	return otp.CanSend(s.Provider, req)
}

func (s *someChannels) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if err := s.choose(&req); err != nil {
		return otp.Verification{}, err
	}
	return s.Provider.Send(ctx, req)
}

// choose sets the channel of a request that names none, and refuses one that is not offered here.
func (s *someChannels) choose(req *otp.SendRequest) error {
	if req.Channel == "" {
		req.Channel = s.channels[0]
	}
	if slices.Contains(s.channels, req.Channel) {
		return nil
	}
	err := s.Capabilities().Check(*req)
	var refused *otp.Error
	if errors.As(err, &refused) {
		refused.Provider = s.Name()
	}
	return err
}
