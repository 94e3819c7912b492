package tlp_test

import (
	"testing"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/tlp"
)

func TestKindString(t *testing.T) {
	for kind, want := range map[tlp.Kind]string{
		tlp.MRd32: "MRd (fmt 0, type 0x00)",
		tlp.MRd64: "MRd (fmt 1, type 0x00)",
		0x40:      "MWr (fmt 2, type 0x00)",
		0x60:      "MWr (fmt 3, type 0x00)",
		0x44:      "CfgWr0 (fmt 2, type 0x04)",
		0x34:      "Msg (fmt 1, type 0x14)",
		0x73:      "MsgD (fmt 3, type 0x13)",
		0x9e:      "TLP prefix (fmt 4, type 0x1e)",
		0x1f:      "unknown TLP (fmt 0, type 0x1f)",
	} {
		if got := kind.String(); got != want {
			t.Errorf("Kind(%#02x) is %q, want %q", uint8(kind), got, want)
		}
	}
}

func TestStatusOutcome(t *testing.T) {
	for status, want := range map[tlp.Status]transport.Outcome{
		tlp.SC:  transport.Success,
		tlp.UR:  transport.UnsupportedRequest,
		tlp.CRS: transport.ConfigurationRetry,
		tlp.CA:  transport.CompleterAbort,
		3:       transport.UnsupportedRequest,
		7:       transport.UnsupportedRequest,
	} {
		if got := status.Outcome(); got != want {
			t.Errorf("%s is %s, want %s", status, got, want)
		}
	}
}
