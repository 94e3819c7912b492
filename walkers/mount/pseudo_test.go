package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

func defineProc(k *wt.Kernel) *layout.Type {
	// Another structure had the name before 5.8.
	k.Define(wt.Struct("proc_fs_info", wt.Member("flag", wt.Int), wt.Member("str", wt.Pointer)))
	return k.Define(wt.Struct("proc_fs_info", wt.Member("pid_ns", wt.Pointer), wt.Member("pid_gid", wt.Uint),
		wt.Member("hide_pid", wt.Uint), wt.Member("pidonly", wt.Uint)))
}

func TestProcPrints(t *testing.T) {
	k := wt.New(t)
	runAll(t, k, newProc, defineProc(k), nil, []printerTest{
		{name: "usual"},
		{name: "all", values: wt.Values{"pid_gid": 4, "hide_pid": 4, "pidonly": 1}, want: "gid=4,hidepid=ptraceable,subset=pid"},
		{name: "invisible", values: wt.Values{"hide_pid": 2}, want: "hidepid=invisible"},
		{name: "of the future", values: wt.Values{"hide_pid": 9}, want: "hidepid=unknown"},
	})
}

// Before 5.8 the pid namespace had the options, and showed a number.
func TestProcPrintsNumbers(t *testing.T) {
	k := wt.New(t)
	typ := k.Define(wt.Struct("pid_namespace", wt.Member("pid_gid", wt.Uint), wt.Member("hide_pid", wt.Int)))
	runAll(t, k, newProc, typ, nil, []printerTest{
		{name: "usual"},
		{name: "hidden", values: wt.Values{"hide_pid": 2}, want: "hidepid=2"},
	})
}

func defineDevpts(k *wt.Kernel) *layout.Type {
	options := wt.Struct("pts_mount_opts", wt.Member("setuid", wt.Int), wt.Member("setgid", wt.Int), wt.Member("uid", wt.Uint),
		wt.Member("gid", wt.Uint), wt.Member("mode", wt.Short), wt.Member("ptmxmode", wt.Short), wt.Member("max", wt.Int))
	return k.Define(wt.Struct("pts_fs_info", wt.Member("allocated", wt.Long), wt.Member("mount_opts", options)))
}

func TestDevptsPrints(t *testing.T) {
	k := wt.New(t)
	usual := wt.Values{"mount_opts.mode": 0o600, "mount_opts.max": maxTerminals}
	runAll(t, k, newDevpts, defineDevpts(k), usual, []printerTest{
		{name: "usual", want: "mode=600,ptmxmode=000"},
		{name: "all", want: "uid=0,gid=5,mode=620,ptmxmode=666,max=16", values: wt.Values{"mount_opts.setuid": 1, "mount_opts.setgid": 1,
			"mount_opts.gid": 5, "mount_opts.mode": 0o620, "mount_opts.ptmxmode": 0o666, "mount_opts.max": 16}},
	})
}

func TestRamfsPrints(t *testing.T) {
	k := wt.New(t)
	typ := k.Define(wt.Struct("ramfs_fs_info", wt.Member("mount_opts", wt.Struct("", wt.Member("mode", wt.Short)))))
	runAll(t, k, newRamfs, typ, wt.Values{"mount_opts.mode": 0o755}, []printerTest{
		{name: "usual"},
		{name: "mode", values: wt.Values{"mount_opts.mode": 0o1700}, want: "mode=1700"},
	})
}

func TestCgroup2Prints(t *testing.T) {
	for _, test := range []struct {
		name  string
		flags int
		want  string
	}{
		{"none", 1<<1 | 1<<2, ""},
		{"before 6.0", 1<<3 | 1<<5 | 1<<6, "nsdelegate,memory_localevents,memory_recursiveprot"},
		{"since 6.0", 1<<4 | 1<<17 | 1<<18 | 1<<19 | 1<<20,
			"favordynmods,memory_localevents,memory_recursiveprot,memory_hugetlb_accounting,pids_localevents"},
	} {
		k := wt.New(t)
		typ := k.Define(wt.Struct("cgroup_root", wt.Member("kf_root", wt.Pointer), wt.Member("flags", wt.Uint)))
		k.Label("cgrp_dfl_root", k.Place(typ, wt.Values{"flags": test.flags}))
		got := run(t, k, newCgroup2, &super{}, &super{})
		if diff := cmp.Diff([]printed{{test.want, true}, {test.want, true}}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}
