package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
)

// readSELinux finds out whether SELinux has a policy. It then adds options of
// its own to nearly every file system, such as seclabel, and none is exact.
func (s *survey) readSELinux(ctx context.Context) error {
	at := symbol(ctx, s.k, "selinux_state")
	if at == 0 {
		return nil
	}
	t, err := s.k.Type(ctx, layout.Struct, "selinux_state", "initialized")
	if errors.Is(err, layout.ErrUnknownType) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the state of SELinux: %w", err)
	}
	p := object.NewPlan(t)
	initialized := p.Member("initialized")
	objects, err := p.Read(ctx, s.k, []oracle.Address{at})
	if err != nil {
		return fmt.Errorf("read the state of SELinux: %w", err)
	}
	s.labelled = objects[0].Uint(initialized) != 0
	return nil
}
