package mount

import (
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxText bounds a source, the name of a type, or an option of a file system,
// its NUL included: mount(2) copies a page of each at most.
const maxText = 4096

// super is what was read of one struct super_block.
type super struct {
	address         oracle.Address
	readable        bool
	device, flags   uint64
	info            oracle.Address
	typ, operations oracle.Address
	subtypeAt       oracle.Address
	userNS          oracle.Address
	quota           uint64
	// owner is the module that has the file system's driver, or 0.
	owner oracle.Address

	// typeName is the type with its subtype.
	typeName, subtype string
	// showOptions, showSource and showPath are what the file system prints
	// with in place of the generic way, or 0.
	showOptions, showSource, showPath oracle.Address
	// doubt is set where the type could not be read.
	doubt walkers.Doubt
	// own are the options of the file system; inexact when there may be
	// others.
	own     []string
	inexact bool
}

// superShape knows where super blocks, their types and their operations hold
// what is wanted.
type superShape struct {
	superPlan                            *object.Plan
	device, superFlags, info, typ, table object.Member
	subtype, superUserNS, quota          object.Member

	typePlan, tablePlan               *object.Plan
	typeName, owner                   object.Member
	showOptions, showSource, showPath object.Member
}

func newSuperShape(ctx context.Context, k walkers.Kernel) (superShape, error) {
	var s superShape
	var err, err2, err3 error
	s.superPlan, err = plan(ctx, k, "super_block", "s_dev", "s_type")
	s.typePlan, err2 = plan(ctx, k, "file_system_type", "name")
	s.tablePlan, err3 = plan(ctx, k, "super_operations", "show_options")
	if err := errors.Join(err, err2, err3); err != nil {
		return s, err
	}
	p := s.superPlan
	s.device, s.superFlags, s.info = p.Member("s_dev"), p.Member("s_flags"), p.Member("s_fs_info")
	s.typ, s.table, s.subtype = p.Member("s_type"), p.Member("s_op"), p.Member("s_subtype")
	s.superUserNS, s.quota = p.Optional("s_user_ns"), p.Optional("s_dquot.flags")
	s.typeName, s.owner = s.typePlan.Member("name"), s.typePlan.Optional("owner")
	s.showOptions = s.tablePlan.Member("show_options")
	s.showSource, s.showPath = s.tablePlan.Optional("show_devname"), s.tablePlan.Optional("show_path")
	if err := errors.Join(p.Err(), s.typePlan.Err(), s.tablePlan.Err()); err != nil {
		return s, unknownShape(err)
	}
	return s, nil
}

func (s *superShape) newSuper(o *object.Object) *super {
	return &super{
		address: o.Address, readable: o.Readable(),
		device: o.Uint(s.device), flags: o.Uint(s.superFlags), info: o.Pointer(s.info),
		typ: o.Pointer(s.typ), operations: o.Pointer(s.table), subtypeAt: o.Pointer(s.subtype),
		userNS: o.Pointer(s.superUserNS), quota: o.Uint(s.quota),
	}
}

// readSupers reads the super blocks of all mounts, then their types and
// operations, then every text that a row has.
func (s *survey) readSupers(ctx context.Context) error {
	var addresses []oracle.Address
	for _, ns := range s.namespaces {
		for _, a := range ns.mounts {
			if sb := s.mounts[a].super; sb.IsKernel() && s.supers[sb] == nil {
				s.supers[sb] = &super{}
				addresses = append(addresses, sb)
			}
		}
	}
	objects, err := s.shapes.superPlan.Read(ctx, s.k, addresses)
	if err != nil {
		return fmt.Errorf("read super blocks: %w", err)
	}
	s.order = s.order[:0]
	for i := range objects {
		sb := s.shapes.newSuper(&objects[i])
		s.supers[sb.address] = sb
		s.order = append(s.order, sb)
	}
	return s.readTypes(ctx)
}

func (s *survey) readTypes(ctx context.Context) error {
	types, tables := make([]oracle.Address, len(s.order)), make([]oracle.Address, len(s.order))
	for i, sb := range s.order {
		types[i], tables[i] = sb.typ, sb.operations
	}
	sh, b := s.shapes, object.NewBatch()
	typeObjects, tableObjects := sh.typePlan.Add(b, types), sh.tablePlan.Add(b, tables)
	if err := b.Read(ctx, s.k); err != nil {
		return fmt.Errorf("read types of file systems: %w", err)
	}
	names := make([]oracle.Address, len(s.order))
	for i, sb := range s.order {
		names[i], sb.owner = typeObjects[i].Pointer(sh.typeName), typeObjects[i].Pointer(sh.owner)
		o := &tableObjects[i]
		sb.showOptions, sb.showSource, sb.showPath = o.Pointer(sh.showOptions), o.Pointer(sh.showSource), o.Pointer(sh.showPath)
		if !o.Readable() || !typeObjects[i].Readable() {
			sb.doubt = walkers.Unreadable
		}
	}
	return s.readTexts(ctx, names)
}

// readTexts reads the names of types and subtypes, and the mounts' sources.
func (s *survey) readTexts(ctx context.Context, names []oracle.Address) error {
	wanted := append([]oracle.Address(nil), names...)
	for _, sb := range s.order {
		wanted = append(wanted, sb.subtypeAt)
	}
	for _, ns := range s.namespaces {
		for _, a := range ns.mounts {
			wanted = append(wanted, s.mounts[a].source)
		}
	}
	var err error
	if s.texts, err = object.ReadTexts(ctx, s.k, wanted, maxText); err != nil {
		return fmt.Errorf("read names: %w", err)
	}
	for i, sb := range s.order {
		if !s.texts[names[i]].Complete {
			sb.doubt = walkers.Unreadable
		}
		sb.typeName, sb.subtype = s.texts[names[i]].Value, s.texts[sb.subtypeAt].Value
	}
	return nil
}

// deviceText returns a device as major:minor. The kernel's dev_t has 20 bits
// of minor.
func (sb *super) deviceText() string {
	return fmt.Sprintf("%d:%d", sb.device>>20, sb.device&(1<<20-1))
}

// fstype returns the type, with what a file system of many kinds calls itself:
// "fuse.sshfs".
func (sb *super) fstype() string {
	if sb.subtype == "" {
		return sb.typeName
	}
	return sb.typeName + "." + sb.subtype
}
