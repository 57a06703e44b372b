package kaleyratest

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Memory cannot be seen from outside.
func TestVerificationsForgetTheDead(t *testing.T) {
	var list verifications
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	flow := Flow{Lifetime: time.Minute, MaxAttempts: 3}
	living := &verification{id: "living", flow: flow, phones: []string{"+1"}, expires: now.Add(1000 * time.Hour)}
	list.add(living, now)
	for i := range 100_000 {
		now = now.Add(time.Second)
		name := strconv.Itoa(i)
		list.add(&verification{id: name, flow: flow, phones: []string{"+2" + name}, expires: now.Add(time.Minute)}, now)
	}
	assert.LessOrEqual(t, len(list.all), 2*remembered+1)
	assert.Len(t, list.byID, len(list.all))
	assert.Len(t, list.newest, len(list.all))
	assert.Same(t, living, list.find("living"), "it is old, but has not expired")
	assert.NotNil(t, list.find("90001"), "dead, but among the newest")
	assert.Nil(t, list.find("1"))
	assert.True(t, list.isNewest(living))
}
