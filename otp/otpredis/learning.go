package otpredis

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// learningScript puts a machine's record into the hash of a router and returns those of the last
// half hour.
const learningScript = `
local now = tonumber(redis.call('TIME')[1])
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], 1800000)
local all, found = redis.call('HGETALL', KEYS[1]), {}
for i = 1, #all, 2 do
	local at, record = string.match(all[i + 1], '^(%d+) (.*)$')
	if at and now - tonumber(at) < 1800 then
		found[#found + 1], found[#found + 2] = all[i], record
	else
		redis.call('HDEL', KEYS[1], all[i])
	end
end
return found`

// LearningStore lets the routers of several machines learn from each other: see
// route.WithLearningStore. It is safe for concurrent use, and needs no Close; the client is the
// caller's to close.
type LearningStore struct { // a route.LearningStore, without importing what package route needs
	server   server
	exchange *redis.Script
	prefix   string
}

// NewLearningStore returns a store whose keys begin with the name, as those of [NewStore]. It takes
// [WithTimeout]. It makes no call; a bad argument or option is refused with an *otp.Error of kind
// otp.ErrMisconfigured that names the field.
func NewLearningStore(client redis.Scripter, name string, opts ...Option) (*LearningStore, error) {
	c, err := configure(client, name, opts)
	if err != nil {
		return nil, err
	}
	if err := check(c.limiterOnly == "", c.limiterOnly, "is for limiters"); err != nil {
		return nil, err
	}
	if err := check(c.logger == nil, "logger", "is for limiters and guards"); err != nil {
		return nil, err
	}
	return &LearningStore{
		server: server{client: client, timeout: c.timeout}, exchange: redis.NewScript(learningScript),
		prefix: "otp:learning:{" + name + "}:",
	}, nil
}

// Exchange is called by a router. An error is of go-redis, or says that Redis has not answered in
// time; the router goes on with what it knows.
func (s *LearningStore) Exchange(ctx context.Context, router, machine string, record []byte) (map[string][]byte, error) {
	records := make(map[string][]byte)
	err := s.server.run(ctx, call{
		script: s.exchange, keys: []string{s.prefix + router}, args: []any{machine, record},
		read: func(reply any) error {
			all, ok := reply.([]any)
			if !ok || len(all)%2 != 0 {
				return errReply
			}
			for i := 0; i < len(all); i += 2 {
				name, _ := all[i].(string)
				data, ok := all[i+1].(string)
				if !ok {
					return errReply
				}
				records[name] = []byte(data)
			}
			return nil
		},
	})
	if err != nil {
		return nil, err // the goroutine that reads may still write to records
	}
	return records, nil
}
