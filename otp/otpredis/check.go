package otpredis

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

const atRisk = ". Guards then count sends from zero and refuse the codes on their way, " +
	"and limiters let nothing new go for a window and a lease. "

// Check returns what settings of the server behind client put limits at risk: one sentence about
// each, which begins with its name. None is good. An error is an *otp.Error: the server cannot be
// asked, or its user may not run INFO.
func Check(ctx context.Context, client redis.Scripter) (warnings []string, err error) {
	if err := check(!isNil(client), "client", "must not be nil"); err != nil {
		return nil, err
	}
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return server{client: client, timeout: defaultTimeout}.warnings(ctx, "otp:check")
}

// warnings asks the node of a cluster that holds the key.
func (s server) warnings(ctx context.Context, key string) (warnings []string, err error) {
	settings := map[string]string{}
	err = s.run(ctx, call{
		script: redis.NewScript("return redis.call('INFO', 'memory') .. redis.call('INFO', 'persistence')"),
		keys:   []string{key},
		read: func(reply any) error {
			text, _ := reply.(string)
			for line := range strings.Lines(text) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
				settings[name] = value
			}
			return nil
		},
	})
	if err != nil {
		return nil, unavailable(otp.OutcomeNotSent, fmt.Errorf("INFO: %w", err))
	}
	switch policy := settings["maxmemory_policy"]; policy {
	case "":
		return nil, unavailable(otp.OutcomeNotSent, errReply)
	case "noeviction":
	default:
		warnings = append(warnings, "maxmemory-policy is "+policy+": Redis drops keys when its memory is full"+atRisk+
			"Set it to noeviction, or use a server of its own")
	}
	if settings["aof_enabled"] != "1" {
		warnings = append(warnings, "appendonly is no: a restart loses what was written since the last snapshot"+atRisk+
			"Set it to yes")
	}
	return warnings, nil
}

// logWarnings logs what [Check] returns.
func logWarnings(ctx context.Context, logger *slog.Logger, s server, key string) {
	warnings, err := s.warnings(ctx, key)
	if err != nil {
		log(logger, slog.LevelInfo, "otp: the settings of redis cannot be read", slog.Any("error", err))
	}
	for _, w := range warnings {
		log(logger, slog.LevelWarn, "otp: a setting of redis puts limits at risk", slog.String("setting", w))
	}
}

// log keeps a logger's panic away from a goroutine that is not the caller's.
func log(logger *slog.Logger, level slog.Level, msg string, attr slog.Attr) {
	if logger != nil {
		defer func() { _ = recover() }()
		logger.LogAttrs(context.Background(), level, msg, attr)
	}
}
