package guard

import (
	"slices"
	"strings"
	"sync"

	"github.com/otp-sdk/otp-go/internal/callingcode"
)

// countryCodes are countries, ISO 3166-1 alpha-2, with what their numbers begin with (ITU-T, List of Recommendation E.164
// assigned country codes). Where a longer entry fits a number, that one counts.
const countryCodes = `AD376 AE971 AF93 AL355 AM374 AO244 AR54 AT43 AU61 AW297 AZ994 BA387 BD880 BE32 BF226 BG359 BH973
BI257 BJ229 BN673 BO591 BR55 BT975 BW267 BY375 BZ501 CD243 CF236 CG242 CH41 CI225 CK682 CL56 CM237 CN86 CO57 CR506 CU53
CV238 CY357 CZ420 DE49 DJ253 DK45 DZ213 EC593 EE372 EG20 ER291 ES34 ET251 FI358 FJ679 FK500 FM691 FO298 FR33 GA241 GB44
GE995 GF594 GH233 GI350 GL299 GM220 GN224 GP590 GQ240 GR30 GT502 GW245 GY592 HK852 HN504 HR385 HT509 HU36 ID62 IE353
IL972 IN91 IO246 IQ964 IR98 IS354 IT39 JO962 JP81 KE254 KG996 KH855 KI686 KM269 KP850 KR82 KW965 LA856 LB961 LI423 LK94
LR231 LS266 LT370 LU352 LV371 LY218 MA212 MC377 MD373 ME382 MG261 MH692 MK389 ML223 MM95 MN976 MO853 MQ596 MR222 MT356
MU230 MV960 MW265 MX52 MY60 MZ258 NA264 NC687 NE227 NG234 NI505 NL31 NO47 NP977 NR674 NU683 NZ64 OM968 PA507 PE51 PF689
PG675 PH63 PK92 PL48 PM508 PS970 PT351 PW680 PY595 QA974 RE262 RO40 RS381 RU7 RW250 SA966 SB677 SC248 SD249 SE46 SG65
SH290 SI386 SK421 SL232 SM378 SN221 SO252 SR597 SS211 ST239 SV503 SY963 SZ268 TD235 TG228 TH66 TJ992 TK690 TL670 TM993
TN216 TO676 TR90 TV688 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VA379 VE58 VN84 VU678 WF681 WS685 XK383 YE967 ZA27 ZM260
ZW263`

// sharedCodes are those that share a calling code with another country: ITU-T, national numbering plans; NANPA, area codes.
const sharedCodes = `AG1268 AI1264 AS1684 BB1246 BM1441 BS1242 DM1767 DO1809 DO1829 DO1849 GD1473 GU1671 JM1658 JM1876 KN1869
KY1345 LC1758 MP1670 MS1664 PR1787 PR1939 SX1721 TC1649 TT1868 VC1784 VG1284 VI1340
CA1204 CA1226 CA1236 CA1249 CA1250 CA1257 CA1263 CA1289 CA1306 CA1343 CA1354 CA1365 CA1367 CA1368 CA1382 CA1387 CA1403
CA1416 CA1418 CA1428 CA1431 CA1437 CA1438 CA1450 CA1460 CA1468 CA1474 CA1506 CA1514 CA1519 CA1548 CA1579 CA1581 CA1584
CA1587 CA1600 CA1604 CA1613 CA1622 CA1639 CA1647 CA1672 CA1683 CA1705 CA1709 CA1742 CA1753 CA1778 CA1780 CA1782 CA1807
CA1819 CA1825 CA1867 CA1873 CA1879 CA1902 CA1905 CA1942
KZ76 KZ77 GG441481 GG447781 GG447839 IM441624 IM4474576 IM447524 IM447624 IM447924 JE441534 JE447509 JE4477003 JE4477007
JE4477008 JE447797 JE447829 JE447937 VA3906698 SJ4779 CX6189164 CC6189162 EH2125288 EH2125289 YT262269 YT262639 TA2908
AX35818 CW5999 BQ5993 BQ5994 BQ5997 NF6723 AQ6721`

// zeroCodes are the calling codes behind which numbers may begin with 0. Everywhere else a 0 there is the one that is
// dialled inside of the country, and the number another spelling of one without it.
const zeroCodes = "+39 +225 +226 +229 +241 +242 +378 +379"

// longestShared is the length of the longest entry of sharedCodes.
const longestShared = len("+4477003") + 1

// countryTable finds countries.
type countryTable struct {
	byPrefix map[string]string   // "+44" and "+447781"
	prefixes map[string][]string // of a country
	shared   map[string]bool     // calling codes with longer entries
}

// countries is read only, and the same for all guards.
//
//nolint:gochecknoglobals // a table that nothing changes, made once
var countries = sync.OnceValue(func() countryTable {
	t := countryTable{map[string]string{}, map[string][]string{}, map[string]bool{}}
	for _, entry := range strings.Fields(countryCodes + "\n" + sharedCodes) {
		country, prefix := entry[:2], "+"+entry[2:]
		t.byPrefix[prefix] = country
		t.prefixes[country] = append(t.prefixes[country], prefix)
	}
	for _, entry := range strings.Fields(sharedCodes) {
		t.shared[callingcode.Of("+"+entry[2:]+"000")] = true
	}
	return t
})

// countryOf is the country of a number in E.164, "TR"; its calling code where that is no country's, "+881".
func countryOf(number string) string {
	code := callingcode.Of(number)
	t := countries()
	if t.shared[code] {
		for n := min(longestShared, len(number)); n > len(code); n-- {
			if country := t.byPrefix[number[:n]]; country != "" {
				return country
			}
		}
	}
	if country := t.byPrefix[code]; country != "" {
		return country
	}
	return code
}

// isCountry reports whether s is a country of the table.
func isCountry(s string) bool { return len(countries().prefixes[s]) > 0 }

// hasTrunkZero reports whether a number has the zero that is dialled inside of its country only.
func hasTrunkZero(number string) bool {
	code := callingcode.Of(number)
	return len(number) > len(code) && number[len(code)] == '0' && !slices.Contains(strings.Fields(zeroCodes), code)
}
