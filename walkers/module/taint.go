package module

// taintLetters are those of the taint flags by bit, as the kernel's array
// taint_flags has them: a letter keeps its bit for good. A module only ever
// carries flags that apply to modules (P, F, C, O, E, K, X, T, N, J).
const taintLetters = "PFSRMBUDAWCIOELKXTNJ"

// taintText returns what /proc/modules prints about a module's taint flags,
// which is nothing without any: a letter for each flag, and a sign for one
// that is being loaded or unloaded. A flag without a known letter is a "?".
func taintText(flags uint64, state string) string {
	if flags == 0 {
		return ""
	}
	text := []byte{'('}
	for bit := range 64 {
		switch {
		case flags>>bit&1 == 0:
		case bit < len(taintLetters):
			text = append(text, taintLetters[bit])
		default:
			text = append(text, '?')
		}
	}
	switch state {
	case unloading:
		text = append(text, '-')
	case loading:
		text = append(text, '+')
	}
	return string(append(text, ')'))
}
