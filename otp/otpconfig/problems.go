package otpconfig

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// position is where something stands: a line of a file, or a variable.
type position struct {
	line     int    // from 1; for variables, the order in which they were read
	variable string // "OTP_MAIN_API_KEY"; "" in a file
}

// problem is one thing that is wrong. Neither its path nor its rule holds a value.
type problem struct {
	path, rule string
	at         position
	unknown    string   // for which one of names was meant, perhaps, which is looked for last, because it takes a while
	names      []string // nil = the problem is another
}

// problems are all that is wrong with one configuration, so that a person can mend it in one go.
type problems struct {
	file  string // as it was given to Load; "" = there is none
	found []problem
}

func (p *problems) add(path string, at position, rule string) {
	p.found = append(p.found, problem{path: path, rule: rule, at: at})
}

func (p *problems) addf(path string, at position, format string, args ...any) {
	p.add(path, at, fmt.Sprintf(format, args...))
}

func (p *problems) addUnknown(path string, at position, rule, unknown string, names []string) {
	p.found = append(p.found, problem{path: path, rule: rule, at: at, unknown: unknown, names: names})
}

// addFault adds what was refused of the mapping n, which stands at path.
func (p *problems) addFault(path string, n *node, fault *otp.Error) {
	p.add(fault.Field, n.find(strings.TrimPrefix(fault.Field, path+".")), fault.Err.Error())
}

// faultAt is what another package refused of the fields at path.
func faultAt(path string, err error) *otp.Error {
	fault := &otp.Error{Op: "config", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: path, Err: err}
	var refused *otp.Error
	if errors.As(err, &refused) && refused.Err != nil {
		fault.Field, fault.Err = strings.TrimSuffix(path+"."+strings.TrimPrefix(refused.Field, "learning."), "."), refused.Err
	}
	return fault
}

// has reports whether there is a problem with path, or with something below it.
func (p *problems) has(path string) bool {
	return slices.ContainsFunc(p.found, func(found problem) bool {
		below, within := strings.CutPrefix(found.path, path)
		return within && (below == "" || below[0] == '.' || below[0] == '[')
	})
}

// err is nil, the only problem, or all of them, one on each line, in the order of the file.
func (p *problems) err() error {
	slices.SortStableFunc(p.found, func(a, b problem) int { return cmp.Compare(a.at.line, b.at.line) })
	const most = 50 // a file with more is not a configuration
	var errs []error
	for i, found := range p.found {
		if i == most {
			errs = append(errs, misconfigured("", fmt.Sprintf("there are %d more problems", len(p.found)-i)))
			break
		}
		rule := found.rule
		if found.names != nil {
			rule = orMeant(rule, found.unknown, found.names)
		}
		errs = append(errs, misconfigured(found.path, rule+p.where(found.at)))
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

func (p *problems) where(at position) string {
	switch {
	case at.variable != "":
		return " (" + at.variable + ")"
	case p.file != "" && at.line > 0:
		return fmt.Sprintf(" (%s:%d)", p.file, at.line)
	case p.file != "":
		return " (" + p.file + ")"
	case at.line > 0:
		return fmt.Sprintf(" (line %d)", at.line)
	default:
		return ""
	}
}

// noPanic, deferred, makes an error of a panic of what is somebody else's. What the panic says may
// be secret.
func noPanic(err *error) {
	if recover() != nil {
		*err = misconfigured("", "a registered vendor, or the lookup of a variable, panicked")
	}
}

func misconfigured(path, rule string) error {
	return &otp.Error{
		Op: "config", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: path, Err: errors.New(rule),
	}
}

// didYouMean is the name that a person probably meant, or "". Small and capital letters, "_" and
// "-" make no difference.
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

// distance is the number of characters to insert, delete, replace, or swap with the next one to get
// from a to b.
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
