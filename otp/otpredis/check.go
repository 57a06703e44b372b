package otpredis

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

const (
	evictionRisk = ": Redis drops keys when its memory is full. Guards then count guesses and sends from zero, and " +
		"limiters let nothing new go for a window and a lease. Set it to noeviction, or use a server of its own"
	restartRisk = ": a restart loses what was written since the last snapshot. Guards then count guesses and sends " +
		"from zero, and limiters let nothing new go for a window and a lease. Set it to yes"
)

// Check returns what settings of the server behind client put limits at risk, and how: one sentence
// about each, which begins with its name. None is good. An error is an *otp.Error: the server cannot be
// asked, or its user may not run INFO.
func Check(ctx context.Context, client redis.Scripter) (warnings []string, err error) {
	if isNil(client) {
		return nil, misconfigured("client", "must not be nil")
	}
	if err := ended(ctx); err != nil {
		return nil, err
	}
	return inspect(ctx, server{client: client, timeout: defaultTimeout}, "otp:check")
}

// inspect asks the node of a cluster that holds the key.
func inspect(ctx context.Context, s server, key string) (warnings []string, err error) {
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
		warnings = append(warnings, "maxmemory-policy is "+policy+evictionRisk)
	}
	if settings["aof_enabled"] != "1" {
		warnings = append(warnings, "appendonly is no"+restartRisk)
	}
	return warnings, nil
}

// logWarnings logs what [Check] returns.
func logWarnings(logger *slog.Logger, s server, key string) {
	warnings, err := inspect(context.Background(), s, key)
	if err != nil {
		logSafely(logger, slog.LevelInfo, "otp: the settings of redis cannot be read", slog.Any("error", err))
	}
	for _, w := range warnings {
		logSafely(logger, slog.LevelWarn, "otp: a setting of redis puts limits at risk", slog.String("setting", w))
	}
}

// logSafely keeps a logger's panic away from a goroutine that is not the caller's.
func logSafely(logger *slog.Logger, level slog.Level, msg string, attrs ...slog.Attr) {
	if logger == nil {
		return
	}
	defer func() { _ = recover() }()
	logger.LogAttrs(context.Background(), level, msg, attrs...)
}
