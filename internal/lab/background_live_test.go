//go:build live

package lab

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
	"github.com/barescope/barescope/transport/nettlp"
)

// TestBackground has another process hold a large guest.
func TestBackground(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	s, err := Start(t.Context(), "test", holdArgument, program)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("paging", func(t *testing.T) { checkPaging(t, s) })
	t.Run("adapter", func(t *testing.T) { checkAdapter(t, s) })
	if _, err := Start(t.Context(), "test", holdArgument, program); !errors.Is(err, ErrRunning) {
		t.Errorf("started twice: %v", err)
	}
	if err := s.Panic(t.Context()); err != nil {
		t.Error(err)
	}
	found, err := Find("test")
	if err != nil || found.PID != s.PID {
		t.Errorf("%+v, %v", found, err)
	}
	if err := s.Down(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := Find("test"); !errors.Is(err, ErrNotRunning) {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := os.Stat(s.RAMFile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its RAM is left: %v", err)
	}
}

func checkPaging(t *testing.T, s *State) {
	for command, want := range map[string]string{
		"grep -cw la57 /proc/cpuinfo":     "2",
		"grep -cw pti /proc/cpuinfo":      "2",
		"grep '^1' /proc/iomem | head -1": "100000000-1bfffffff : System RAM",
	} {
		if got, err := s.Run(t.Context(), command); err != nil || strings.TrimSpace(got) != want {
			t.Errorf("%s: %q, %v", command, got, err)
		}
	}
}

// checkAdapter reads RAM on both sides of the hole through the adapter, while
// the guest stands still.
func checkAdapter(t *testing.T, s *State) {
	if err := s.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	ram, err := image.Open(s.RAMFile, image.Options{Format: image.Raw, Pieces: s.Pieces})
	if err != nil {
		t.Fatal(err)
	}
	defer ram.Close()
	link, err := nettlp.Dial(nettlp.Options{Target: s.Listen, Local: s.Client})
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	var through, direct []transport.Read
	for _, address := range []transport.Address{0x9c000, 0x7000_0000, 4 << 30, 0x1_bfff_f000} {
		through = append(through, transport.Read{Address: address, Data: make([]byte, transport.PageSize)})
		direct = append(direct, transport.Read{Address: address, Data: make([]byte, transport.PageSize)})
	}
	if err := errors.Join(link.ReadPhysical(t.Context(), through), ram.ReadPhysical(t.Context(), direct)); err != nil {
		t.Fatal(err)
	}
	for i := range through {
		if through[i].Outcome != transport.Success || !bytes.Equal(through[i].Data, direct[i].Data) {
			t.Errorf("%s: %s", through[i].Range(), through[i].Outcome)
		}
	}
	if err := s.Resume(t.Context()); err != nil {
		t.Error(err)
	}
}
