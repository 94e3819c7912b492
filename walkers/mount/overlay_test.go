package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// defineOverlay makes overlay known as it is since 6.8, built into the kernel,
// with xino=auto and redirect_dir=on by default.
func defineOverlay(k *wt.Kernel) *layout.Type {
	for name, variable := range overlayDefaults {
		a := k.Reserve(1)
		if name == "xino_auto" || name == "redirect_dir" {
			k.Write(a, []byte{1})
		}
		k.Label(variable, a)
	}
	k.Define(wt.Struct("ovl_fs_context", wt.Member("lowerdir_all", wt.Pointer)))
	return k.Define(overlayType(wt.Member("lowerdirs", wt.Pointer), wt.Member("redirect_mode", wt.Int), wt.Member("verity_mode", wt.Int),
		wt.Member("uuid", wt.Int), wt.Member("fsync_mode", wt.Int)))
}

// overlayType has the members that are there in all kernels, and others.
func overlayType(more ...layout.Member) *layout.Type {
	config := wt.Struct("ovl_config", append(more, wt.Member("upperdir", wt.Pointer), wt.Member("workdir", wt.Pointer),
		wt.Member("default_permissions", wt.Bool), wt.Member("index", wt.Bool), wt.Member("nfs_export", wt.Bool),
		wt.Member("xino", wt.Int), wt.Member("metacopy", wt.Bool), wt.Member("userxattr", wt.Bool))...)
	return wt.Struct("ovl_fs", wt.Member("numlayer", wt.Uint), wt.Member("numdatalayer", wt.Uint), wt.Member("config", config), wt.Member("xino_mode", wt.Int))
}

// layers places the names of layers and returns the array of them.
func layers(k *wt.Kernel, names ...string) oracle.Address {
	words := make([]oracle.Address, len(names))
	for i, name := range names {
		if name != "" {
			words[i] = k.Text(name)
		}
	}
	a := k.Reserve(uint64(8 * len(words)))
	k.Words(a, words...)
	return a
}

func TestOverlayPrints(t *testing.T) {
	k := wt.New(t)
	typ := defineOverlay(k)
	usual := wt.Values{"numlayer": 2, "config.lowerdirs": layers(k, "/a\\:b", "/a:b"), "config.redirect_mode": 3, "config.uuid": 2,
		"config.xino": 1, "config.fsync_mode": 1}
	runAll(t, k, newOverlay, typ, usual, []printerTest{
		{name: "usual", want: `lowerdir=/a\:b`},
		{name: "upper", values: wt.Values{"config.upperdir": k.Text("/u p"), "config.workdir": k.Text("/w")}, want: `lowerdir=/a\:b,upperdir=/u p,workdir=/w`},
		{name: "layers one by one", values: wt.Values{"numlayer": 4, "numdatalayer": 1, "config.lowerdirs": layers(k, "", "/1", "/2", "/3")},
			want: "lowerdir+=/1,lowerdir+=/2,datadir+=/3"},
		{name: "all", values: wt.Values{"config.default_permissions": true, "config.redirect_mode": 2, "config.index": true, "config.uuid": 1,
			"config.nfs_export": true, "config.xino": 0, "xino_mode": 5, "config.metacopy": true, "config.fsync_mode": 0,
			"config.userxattr": true, "config.verity_mode": 2},
			want: `lowerdir=/a\:b,default_permissions,redirect_dir=nofollow,index=on,uuid=null,nfs_export=on,xino=off,metacopy=on,fsync=volatile,userxattr,verity=require`},
		{name: "one file system", values: wt.Values{"config.xino": 2}, want: `lowerdir=/a\:b`},
		{name: "of the future", values: wt.Values{"config.verity_mode": 9}, want: `lowerdir=/a\:b`, inexact: true},
		{name: "no layers", values: wt.Values{"numlayer": 0}, inexact: true},
		{name: "layer unreadable", values: wt.Values{"config.upperdir": wrong, "config.workdir": k.Text("/w")},
			want: `lowerdir=/a\:b,upperdir=,workdir=/w`, inexact: true},
	})
}

// From 6.5 to 6.7 the layers were joined again from their names.
func TestOverlayJoinsLayers(t *testing.T) {
	k := wt.New(t)
	for _, variable := range overlayDefaults {
		k.Label(variable, k.Reserve(1))
	}
	typ := k.Define(overlayType(wt.Member("lowerdirs", wt.Pointer), wt.Member("redirect_mode", wt.Int)))
	a := k.Place(typ, wt.Values{"numlayer": 4, "numdatalayer": 1, "config.lowerdirs": layers(k, "", "/1", "/2", "/3"), "config.redirect_mode": 2})
	got := run(t, k, newOverlay, &super{info: a})
	if diff := cmp.Diff([]printed{{"lowerdir=/1:/2::/3", true}}, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

// Before 6.5 lowerdir and redirect_mode were strings; the driver is a module,
// whose parameters say what is the default.
func TestOverlayPrintsFromModule(t *testing.T) {
	k := wt.New(t)
	typ := k.Define(overlayType(wt.Member("lowerdir", wt.Pointer), wt.Member("redirect_mode", wt.Pointer),
		wt.Member("uuid", wt.Bool), wt.Member("ovl_volatile", wt.Bool)))
	parameter := k.Define(wt.Struct("kernel_param", wt.Member("name", wt.Pointer), wt.Member("arg", wt.Pointer)))
	module := k.Define(wt.Struct("module", wt.Member("kp", wt.Pointer), wt.Member("num_kp", wt.Uint)))
	array, n := k.Reserve(uint64(len(overlayDefaults))*parameter.Size), 0
	for name := range overlayDefaults {
		value := k.Reserve(1)
		if name == "index" {
			k.Write(value, []byte{1})
		}
		k.Put(parameter, array+oracle.Address(uint64(n)*parameter.Size), wt.Values{"name": k.Text(name), "arg": value})
		n++
	}
	owner := k.Place(module, wt.Values{"kp": array, "num_kp": n})
	usual := wt.Values{"config.lowerdir": k.Text("/l"), "config.redirect_mode": k.Text("off"), "config.uuid": true, "config.index": true}
	other := wt.Values{"config.lowerdir": k.Text("/l"), "config.redirect_mode": k.Text("follow"), "config.ovl_volatile": true}
	got := run(t, k, newOverlay, &super{info: k.Place(typ, usual), owner: owner}, &super{info: k.Place(typ, other), owner: owner})
	want := []printed{{"lowerdir=/l", true}, {"lowerdir=/l,redirect_dir=follow,index=off,uuid=off,volatile", true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
	k.Set(module, owner, "num_kp", 0)
	if got := run(t, k, newOverlay, &super{info: k.Place(typ, usual), owner: owner}); got[0].Exact {
		t.Errorf("without parameters: %+v", got)
	}
}
