package mount

import (
	"context"
	"errors"
	"strings"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/object"
	"github.com/barescope/barescope/walkers"
)

// maxLayers bounds the layers of an overlay: OVL_MAX_STACK is 500.
const maxLayers = 512

// overlay prints the options of overlay: ovl_show_options of
// fs/overlayfs/params.c, in super.c before 6.5. What is the default is not
// shown, and the module's parameters say what that is.
type overlay struct {
	structure
	defaults *parameters

	// lower is the text of lowerdir, before 6.5; lowers are the layers with,
	// since 6.8, that text before them.
	lower, lowers              object.Member
	upper, work                object.Member
	layers, dataLayers         object.Member
	permissions, index, export object.Member
	uuid, metacopy, userXattr  object.Member
	xino, xinoMode             object.Member
	redirect, verity           object.Member
	fsync, volatile            object.Member
	// separate: layers can be options of their own, since 6.8.
	separate bool

	pointers *object.Plan
	pointer  object.Member
	slots    [][]object.Object
}

// overlayDefaults are the parameters that say what is the default, with their
// variables.
var overlayDefaults = map[string]string{
	"redirect_dir": "ovl_redirect_dir_def", "redirect_always_follow": "ovl_redirect_always_follow",
	"index": "ovl_index_def", "nfs_export": "ovl_nfs_export_def",
	"xino_auto": "ovl_xino_auto_def", "metacopy": "ovl_metacopy_def",
}

// The values of options, by the numbers that the kernel has for them.
var (
	overlayRedirect = []string{"off", "follow", "nofollow", "on"}
	overlayUUID     = []string{"off", "null", "auto", "on"}
	overlayXino     = []string{"off", "auto", "on"}
	overlayVerity   = []string{"off", "on", "require"}
	overlayFsync    = []string{"volatile", "auto", "strict"}
)

func newOverlay(ctx context.Context, k walkers.Kernel, supers []*super) (printer, error) {
	base, err := newStructure(ctx, k, supers, "overlay:ovl_fs", "config")
	if err != nil {
		return nil, err
	}
	o := &overlay{structure: base}
	o.members()
	if err := o.plan.Err(); err != nil {
		return nil, err
	}
	if o.defaults, err = newParameters(ctx, k, supers[0].owner, overlayDefaults); err != nil {
		return nil, err
	}
	_, err = k.Type(ctx, layout.Struct, "overlay:ovl_fs_context", "lowerdir_all")
	o.separate = err == nil
	if err != nil && !errors.Is(err, layout.ErrUnknownType) {
		return nil, err
	}
	o.pointers, o.pointer = word()
	return o, nil
}

func (o *overlay) members() {
	p := o.plan
	o.lower, o.lowers = p.Optional("config.lowerdir"), p.Optional("config.lowerdirs")
	o.upper, o.work = p.Member("config.upperdir"), p.Member("config.workdir")
	o.layers, o.dataLayers = p.FirstOf("numlayer", "numlower"), p.Optional("numdatalayer")
	o.permissions, o.index = p.Member("config.default_permissions"), p.Member("config.index")
	o.export, o.metacopy = p.Member("config.nfs_export"), p.Member("config.metacopy")
	o.uuid, o.userXattr = p.Optional("config.uuid"), p.Optional("config.userxattr")
	o.xino, o.xinoMode = p.Member("config.xino"), p.Member("xino_mode")
	o.redirect, o.verity = p.Member("config.redirect_mode"), p.Optional("config.verity_mode")
	o.fsync, o.volatile = p.Optional("config.fsync_mode"), p.Optional("config.ovl_volatile")
}

// advance reads the structures, then the pointers to the layers' names.
func (o *overlay) advance(b *object.Batch) {
	o.defaults.advance(b)
	if o.first(b) || o.round != 2 || !o.lowers.Present() {
		return
	}
	for i := range o.objects {
		array, n := o.objects[i].Pointer(o.lowers), min(o.objects[i].Uint(o.layers), maxLayers)
		slots := make([]oracle.Address, n)
		for j := range slots {
			slots[j] = array + oracle.Address(8*j)
		}
		o.slots = append(o.slots, o.pointers.Add(b, slots))
	}
}

func (o *overlay) texts() []oracle.Address {
	all := o.defaults.texts()
	for i := range o.objects {
		s := &o.objects[i]
		all = append(all, s.Pointer(o.lower), s.Pointer(o.upper), s.Pointer(o.work))
		if o.redirectIsText() {
			all = append(all, s.Pointer(o.redirect))
		}
	}
	for _, slots := range o.slots {
		for j := range slots {
			all = append(all, slots[j].Pointer(o.pointer))
		}
	}
	return all
}

// redirectIsText: redirect_mode was a string before 6.5.
func (o *overlay) redirectIsText() bool {
	return layout.Resolve(o.plan.Field(o.redirect).Type).Kind == layout.Pointer
}

// overlayPrint is one overlay while its options are put together.
type overlayPrint struct {
	*overlay
	object  *object.Object
	strings map[oracle.Address]object.Text
	options []string
	exact   bool
}

func (o *overlay) print(i int, texts map[oracle.Address]object.Text) ([]string, bool) {
	p := &overlayPrint{overlay: o, object: &o.objects[i], strings: texts, exact: true}
	if !p.object.Readable() {
		return nil, false
	}
	p.directories(i)
	p.add("default_permissions", p.object.Uint(o.permissions) != 0)
	p.modes()
	return p.options, p.exact
}

func (p *overlayPrint) add(option string, set bool) {
	if set {
		p.options = append(p.options, option)
	}
}

// text adds an option with a string of the target.
func (p *overlayPrint) text(option string, at oracle.Address) {
	t := p.strings[at]
	p.exact = p.exact && t.Complete
	p.options = append(p.options, option+"="+t.Value)
}

// isOn reads a parameter of the module.
func (p *overlayPrint) isOn(parameter string) bool {
	on, known := p.defaults.on(parameter, p.strings)
	p.exact = p.exact && known
	return on
}

func (p *overlayPrint) directories(i int) {
	if p.lowers.Present() {
		p.layersOf(i)
	} else {
		p.text("lowerdir", p.object.Pointer(p.lower))
	}
	if upper := p.object.Pointer(p.upper); upper != 0 {
		p.text("upperdir", upper)
		p.text("workdir", p.object.Pointer(p.work))
	}
}

// layersOf adds the lower layers: as they were given, if that is known, or one
// by one. The last of them may hold only data.
func (p *overlayPrint) layersOf(i int) {
	slots := p.slots[i]
	if len(slots) == 0 {
		p.exact = false
		return
	}
	if given := slots[0].Pointer(p.pointer); given != 0 {
		p.text("lowerdir", given)
		return
	}
	merged := len(slots) - int(min(p.object.Uint(p.dataLayers), maxLayers))
	var joined strings.Builder
	for j := 1; j < len(slots); j++ {
		at := slots[j].Pointer(p.pointer)
		switch {
		case p.separate && j < merged:
			p.text("lowerdir+", at)
		case p.separate:
			p.text("datadir+", at)
		default:
			joined.WriteString(separator(j, merged) + p.strings[at].Value)
			p.exact = p.exact && p.strings[at].Complete
		}
	}
	p.add("lowerdir="+joined.String(), !p.separate)
}

// separator stands before a layer in a list of them.
func separator(layer, merged int) string {
	text := ""
	if layer > 1 {
		text += ":"
	}
	if layer >= merged {
		text += ":"
	}
	return text
}

// modes adds what has a default.
func (p *overlayPrint) modes() {
	o := p.object
	p.redirectMode()
	p.onOff("index", o.Uint(p.index) != 0, "index")
	p.uuidMode()
	p.onOff("nfs_export", o.Uint(p.export) != 0, "nfs_export")
	xino, auto := o.Uint(p.xino), uint64(0)
	if p.isOn("xino_auto") {
		auto = 1
	}
	// With all layers on one file system inode numbers are unique as is.
	if xino != auto && o.Int(p.xinoMode) != 0 {
		p.named("xino", overlayXino, xino)
	}
	p.onOff("metacopy", o.Uint(p.metacopy) != 0, "metacopy")
	p.add("volatile", o.Uint(p.volatile) != 0)
	if p.fsync.Present() && o.Uint(p.fsync) != 1 {
		p.named("fsync", overlayFsync, o.Uint(p.fsync))
	}
	p.add("userxattr", o.Uint(p.userXattr) != 0)
	if verity := o.Uint(p.verity); verity != 0 {
		p.named("verity", overlayVerity, verity)
	}
}

// onOff adds a switch that is not as the parameter says.
func (p *overlayPrint) onOff(option string, on bool, parameter string) {
	text := "off"
	if on {
		text = "on"
	}
	p.add(option+"="+text, on != p.isOn(parameter))
}

func (p *overlayPrint) named(option string, names []string, value uint64) {
	if value >= uint64(len(names)) {
		p.exact = false
		return
	}
	p.options = append(p.options, option+"="+names[value])
}

func (p *overlayPrint) redirectMode() {
	on := p.isOn("redirect_dir")
	if p.redirectIsText() {
		mode := p.strings[p.object.Pointer(p.redirect)]
		p.exact = p.exact && mode.Complete
		p.add("redirect_dir="+mode.Value, mode.Value != map[bool]string{true: "on", false: "off"}[on])
		return
	}
	usual := uint64(2) // nofollow
	if p.isOn("redirect_always_follow") {
		usual = 1
	}
	if on {
		usual = 3
	}
	if mode := p.object.Uint(p.redirect); mode != usual {
		p.named("redirect_dir", overlayRedirect, mode)
	}
}

// uuidMode: the option was a switch, on by default, before it had modes in
// 6.6, with auto as the default.
func (p *overlayPrint) uuidMode() {
	if !p.uuid.Present() {
		return
	}
	value := p.object.Uint(p.uuid)
	if p.plan.Field(p.uuid).Size == 1 {
		p.add("uuid=off", value == 0)
		return
	}
	if value != 2 {
		p.named("uuid", overlayUUID, value)
	}
}
