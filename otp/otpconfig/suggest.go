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

// distance is the number of characters to insert, delete or replace to get from a to b (Levenshtein's).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
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
