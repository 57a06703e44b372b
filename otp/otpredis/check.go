package otpredis

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

// Warning is a setting of Redis that puts limits at risk.
type Warning struct {
	Setting string // its name in redis.conf
	Value   string
	Risk    string // what may happen, and what to set instead
}

// String is the warning in one line.
func (w Warning) String() string { return w.Setting + " is " + w.Value + ": " + w.Risk }

const (
	evictionRisk = "Redis drops keys when its memory is full. Guards then count guesses and sends anew, " +
		"and limiters let nothing go for a window and a lease. Set it to noeviction, or use a server of its own"
	snapshotRisk = "a restart loses what was written since the last snapshot. Guards then count guesses and " +
		"sends anew, and limiters let nothing go for a window and a lease. Set it to yes"
)

// Check returns the settings of the server behind client that put limits at risk; none is good. An error
// is an *otp.Error: the server cannot be asked, or its user may not run INFO.
func Check(ctx context.Context, client redis.Scripter) ([]Warning, error) {
	if isNil(client) {
		return nil, misconfigured("client", "must not be nil")
	}
	if err := contextError(ctx); err != nil {
		return nil, err
	}
	return inspect(ctx, server{client: client, timeout: defaultTimeout}, "otp:check")
}

// inspect asks the node of a cluster that holds the key.
func inspect(ctx context.Context, s server, key string) ([]Warning, error) {
	settings := map[string]string{}
	err := s.run(ctx, call{
		script: redis.NewScript("return redis.call('INFO', 'memory') .. redis.call('INFO', 'persistence')"),
		keys:   []string{key},
		read: func(reply any) error {
			text, ok := reply.(string)
			if !ok {
				return errReply
			}
			for line := range strings.Lines(text) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
				settings[name] = value
			}
			if settings["maxmemory_policy"] == "" {
				return errReply
			}
			return nil
		},
	})
	if err != nil {
		return nil, unavailable(otp.OutcomeNotSent, fmt.Errorf("INFO: %w", err))
	}
	var warnings []Warning
	if policy := settings["maxmemory_policy"]; policy != "noeviction" {
		warnings = append(warnings, Warning{"maxmemory-policy", policy, evictionRisk})
	}
	if settings["aof_enabled"] != "1" {
		warnings = append(warnings, Warning{"appendonly", "no", snapshotRisk})
	}
	return warnings, nil
}

// logWarnings logs what [Check] would return.
func logWarnings(logger *slog.Logger, s server, key string) {
	warnings, err := inspect(context.Background(), s, key)
	if err != nil {
		logSafely(logger, slog.LevelInfo, "otp: the settings of redis cannot be read", slog.Any("error", err))
	}
	for _, w := range warnings {
		logSafely(logger, slog.LevelWarn, "otp: a setting of redis puts limits at risk",
			slog.String("setting", fmt.Sprintf("%s %s", w.Setting, w.Value)), slog.String("risk", w.Risk))
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
