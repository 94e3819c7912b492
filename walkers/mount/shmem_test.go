package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// defineShmem makes tmpfs known to a kernel with 2000 pages of memory.
func defineShmem(k *wt.Kernel) *layout.Type {
	pages := k.Reserve(8)
	k.Words(pages, 2000)
	k.Label("_totalram_pages", pages)
	limits := wt.Struct("", wt.Member("usrquota_bhardlimit", wt.Long), wt.Member("grpquota_bhardlimit", wt.Long),
		wt.Member("usrquota_ihardlimit", wt.Long), wt.Member("grpquota_ihardlimit", wt.Long))
	k.Define(wt.Struct("mempolicy", wt.Member("mode", wt.Short), wt.Member("flags", wt.Short), wt.Member("nodes", wt.Array(2, wt.Long))))
	return k.Define(wt.Struct("shmem_sb_info", wt.Member("max_blocks", wt.Long), wt.Member("max_inodes", wt.Long),
		wt.Member("mode", wt.Short), wt.Member("huge", wt.Char), wt.Member("uid", wt.Uint), wt.Member("gid", wt.Uint),
		wt.Member("full_inums", wt.Bool), wt.Member("noswap", wt.Bool), wt.Member("mpol", wt.Pointer), wt.Member("qlimits", limits)))
}

// usualTmpfs is what a tmpfs has that was mounted without options.
var usualTmpfs = wt.Values{"max_blocks": 1000, "max_inodes": 1000, "mode": 0o1777, "full_inums": true}

func TestShmemPrints(t *testing.T) {
	k := wt.New(t)
	typ := defineShmem(k)
	policy, err := k.Type(t.Context(), layout.Struct, "mempolicy")
	if err != nil {
		t.Fatal(err)
	}
	bind := k.Place(policy, wt.Values{"mode": 2, "flags": 1 << 15, "nodes[0]": 0b101110})
	runAll(t, k, newShmem, typ, usualTmpfs, []printerTest{
		{name: "usual", want: "inode64"},
		{name: "sizes", values: wt.Values{"max_blocks": 256, "max_inodes": 9}, want: "size=1024k,nr_inodes=9,inode64"},
		{name: "owner", values: wt.Values{"mode": 0o755, "uid": 5, "gid": 6}, want: "mode=755,uid=5,gid=6,inode64"},
		{name: "short mode", values: wt.Values{"mode": 0o7}, want: "mode=007,inode64"},
		{name: "huge", values: wt.Values{"huge": 2}, want: "inode64,huge=within_size"},
		{name: "forced huge", values: wt.Values{"huge": 0xfe}, want: "inode64,huge=force"},
		{name: "policy", values: wt.Values{"mpol": bind}, want: "inode64,mpol=bind=static:1-3,5"},
		{name: "policy unreadable", values: wt.Values{"mpol": wrong}, want: "inode64", inexact: true},
		{name: "no swap", values: wt.Values{"noswap": true}, want: "inode64,noswap"},
		{name: "quota", values: wt.Values{"qlimits.grpquota_ihardlimit": 12}, want: "inode64,grpquota_inode_hardlimit=12"},
		{name: "narrow inodes, no witness", values: wt.Values{"full_inums": false}, want: "", inexact: true},
	})
}

// Whether inode32 is shown depends on what the kernel does by default.
func TestShmemPrintsNarrowInodes(t *testing.T) {
	k := wt.New(t)
	typ := defineShmem(k)
	narrow := k.Place(typ, usualTmpfs)
	k.Set(typ, narrow, "full_inums", false)
	for wide, want := range map[bool]string{true: "inode32", false: ""} {
		witness := k.Place(typ, usualTmpfs)
		k.Set(typ, witness, "full_inums", wide)
		got := run(t, k, newShmem, &super{info: narrow, typeName: "tmpfs"}, &super{info: witness, typeName: "devtmpfs"})
		if diff := cmp.Diff(printed{want, true}, got[0]); diff != "" {
			t.Errorf("64 bits by default %v (-want +got):\n%s", wide, diff)
		}
	}
}

func TestShmemPrintsQuotas(t *testing.T) {
	k := wt.New(t)
	info := k.Place(defineShmem(k), usualTmpfs)
	// Both kinds are on; that of groups is suspended.
	got := run(t, k, newShmem, &super{info: info, quota: 1<<0 | 1<<1 | 1<<7})
	if diff := cmp.Diff([]printed{{"inode64,usrquota", true}}, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}
