package otpconfig

import "strings"

// didYouMean is the name that a person probably meant, or "". Small and capital letters, "_" and "-" make no difference.
func didYouMean(typed string, names []string) string {
	const longest = 40 // nobody mistypes a longer name, and comparing takes a while
	if len(typed) > longest {
		return ""
	}
	best, nearest := "", 0
	for _, name := range names {
		far := distance(plain(typed), plain(name))
		if far <= max(1, len(name)/3) && (best == "" || far < nearest) {
			best, nearest = name, far
		}
	}
	return best
}

func plain(name string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(name))
}

// distance is the number of characters to insert, delete, replace, or swap with the next one to get from a to b.
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		for j := range rows[i] {
			switch {
			case i == 0 || j == 0:
				rows[i][j] = i + j
				continue
			case a[i-1] == b[j-1]:
				rows[i][j] = rows[i-1][j-1]
				continue
			}
			rows[i][j] = 1 + min(rows[i-1][j-1], rows[i-1][j], rows[i][j-1])
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], 1+rows[i-2][j-2])
			}
		}
	}
	return rows[len(a)][len(b)]
}

// orMeant is a rule followed by what helps: the name that was probably meant, or else all of them.
func orMeant(rule, typed string, names []string) string {
	if meant := didYouMean(typed, names); meant != "" {
		return rule + "; did you mean " + meant + "?"
	}
	const most = 30
	if len(names) > most {
		names = append(names[:most:most], "and others")
	}
	return rule + "; there are: " + strings.Join(names, ", ")
}
