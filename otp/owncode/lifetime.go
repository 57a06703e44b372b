package owncode

import (
	"fmt"
	"time"
)

// unit is a unit of time in one language, with the space before it: one, and more.
type unit struct{ one, more string }

// units are seconds, minutes and hours by language.
var units = map[string][]unit{ //nolint:gochecknoglobals // a table that nothing changes
	"de": {{" Sekunde", " Sekunden"}, {" Minute", " Minuten"}, {" Stunde", " Stunden"}},
	"en": {{" second", " seconds"}, {" minute", " minutes"}, {" hour", " hours"}},
	"es": {{" segundo", " segundos"}, {" minuto", " minutos"}, {" hora", " horas"}},
	"fr": {{" seconde", " secondes"}, {" minute", " minutes"}, {" heure", " heures"}},
	"id": {{" detik", " detik"}, {" menit", " menit"}, {" jam", " jam"}},
	"it": {{" secondo", " secondi"}, {" minuto", " minuti"}, {" ora", " ore"}},
	"ja": {{"秒", "秒"}, {"分", "分"}, {"時間", "時間"}},
	"ko": {{"초", "초"}, {"분", "분"}, {"시간", "시간"}},
	"nl": {{" seconde", " seconden"}, {" minuut", " minuten"}, {" uur", " uur"}},
	"pt": {{" segundo", " segundos"}, {" minuto", " minutos"}, {" hora", " horas"}},
	"tr": {{" saniye", " saniye"}, {" dakika", " dakika"}, {" saat", " saat"}},
	"zh": {{"秒", "秒"}, {"分钟", "分钟"}, {"小时", "小时"}},
}

// lifetime says in words how long a code is valid: never longer than it is. "" = not in this
// language.
func lifetime(language string, life time.Duration) string {
	words := units[language]
	if words == nil {
		return ""
	}
	size, word := time.Minute, words[1]
	switch {
	case life < time.Minute, life < 2*time.Minute && life%time.Minute != 0:
		size, word = time.Second, words[0]
	case life%time.Hour == 0:
		size, word = time.Hour, words[2]
	}
	n := life / size
	if n == 1 {
		return fmt.Sprintf("%d%s", n, word.one)
	}
	return fmt.Sprintf("%d%s", n, word.more)
}
