package mount

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// defineExt4 makes ext4 known as it is since 5.17, on a kernel of 250 Hz.
func defineExt4(k *wt.Kernel) *layout.Type {
	defineExt4Surroundings(k)
	return k.Define(wt.Struct("ext4_sb_info", append(ext4Members(), wt.Member("s_def_mount_opt2", wt.Uint),
		wt.Member("s_mb_largest_free_orders", wt.Pointer))...))
}

func defineExt4Surroundings(k *wt.Kernel) *layout.Type {
	clock := k.Define(wt.Struct("clocksource", wt.Member("mult", wt.Uint), wt.Member("shift", wt.Uint)))
	k.Label("clocksource_jiffies", k.Place(clock, wt.Values{"mult": 4000000 << 8, "shift": 8}))
	return k.Define(wt.Struct("ext4_super_block", wt.Member("s_errors", wt.Short), wt.Member("s_def_resuid", wt.Short), wt.Member("s_def_resgid", wt.Short)))
}

func ext4Members() []layout.Member {
	var all []layout.Member
	for _, name := range []string{"s_sb_block", "s_commit_interval", "s_stripe", "s_ext4_flags", "s_es"} {
		all = append(all, wt.Member(name, wt.Long))
	}
	for _, name := range []string{"s_mount_opt", "s_mount_opt2", "s_def_mount_opt", "s_resuid", "s_resgid", "s_min_batch_time",
		"s_max_batch_time", "s_inode_readahead_blks", "s_li_wait_mult", "s_max_dir_size_kb", "s_groups_count", "s_jquota_fmt"} {
		all = append(all, wt.Member(name, wt.Uint))
	}
	return append(all, wt.Member("s_qf_names", wt.Array(3, wt.Pointer)),
		wt.Member("s_dummy_enc_policy", wt.Struct("", wt.Member("policy", wt.Pointer))))
}

// usualExt4 is what an ext4 has that was mounted without options.
func usualExt4(k *wt.Kernel, disk *layout.Type) wt.Values {
	return wt.Values{
		"s_sb_block": 1, "s_commit_interval": 5 * 250, "s_es": k.Place(disk, wt.Values{"s_errors": 1}),
		"s_mount_opt": 0x8000000 | 0x800 | 0x10, "s_def_mount_opt": 0x8000000 | 0x800 | 0x10,
		"s_max_batch_time": 15000, "s_inode_readahead_blks": 32, "s_li_wait_mult": 10,
	}
}

func TestExt4Prints(t *testing.T) {
	k := wt.New(t)
	typ := defineExt4(k)
	disk, err := k.Type(t.Context(), layout.Struct, "ext4_super_block")
	if err != nil {
		t.Fatal(err)
	}
	reserved := k.Place(disk, wt.Values{"s_errors": 2, "s_def_resuid": 7})
	runAll(t, k, newExt4, typ, usualExt4(k, disk), []printerTest{
		{name: "usual"},
		{name: "switches", values: wt.Values{"s_mount_opt": 0x800 | 0x10 | 0x80 | 0x10000 | 0x4000000},
			want: "minixdf,nodelalloc,noauto_da_alloc,no_prefetch_block_bitmaps"},
		{name: "of which one is two bits", values: wt.Values{"s_mount_opt": 0x8000000 | 0x800 | 0x10 | 0x1800000}, want: "journal_checksum,journal_async_commit"},
		{name: "second word", values: wt.Values{"s_mount_opt2": 0x100 | 0x20 | 0x80}, want: "abort,dax=never,mb_optimize_scan=1"},
		{name: "many groups", values: wt.Values{"s_groups_count": 16}, want: "mb_optimize_scan=0"},
		{name: "numbers", values: wt.Values{"s_sb_block": 8193, "s_resuid": 5, "s_commit_interval": 30 * 250, "s_min_batch_time": 1,
			"s_max_batch_time": 2, "s_stripe": 16, "s_inode_readahead_blks": 8, "s_max_dir_size_kb": 9},
			want: "sb=8193,resuid=5,commit=30,min_batch_time=1,max_batch_time=2,stripe=16,inode_readahead_blks=8,max_dir_size_kb=9"},
		{name: "disk says otherwise", values: wt.Values{"s_es": reserved}, want: "resuid=0,errors=continue"},
		{name: "journal", values: wt.Values{"s_mount_opt": 0x8000000 | 0x400 | 0x10}, want: "data=journal"},
		{name: "quota files", values: wt.Values{"s_jquota_fmt": 4, "s_qf_names[0]": k.Text("user.quota")}, want: "jqfmt=vfsv1,usrjquota=user.quota"},
		{name: "shut down", values: wt.Values{"s_ext4_flags": 2}, inexact: true},
		{name: "test policy", values: wt.Values{"s_dummy_enc_policy.policy": 8}, inexact: true},
	})
}

// Before 5.17 some options were shown that are not now.
func TestExt4PrintsOldOptions(t *testing.T) {
	k := wt.New(t)
	disk := defineExt4Surroundings(k)
	typ := k.Define(wt.Struct("ext4_sb_info", ext4Members()...))
	values := usualExt4(k, disk)
	values["s_def_mount_opt"] = 0x8000000 | 0x800 | 0x10 | 0x8000
	values["s_mount_opt"] = 0x8000000 | 0x800 | 0x10 | 0x4000000
	got := run(t, k, newExt4, &super{info: k.Place(typ, values), flags: 1 << 23})
	if diff := cmp.Diff([]printed{{"noacl,prefetch_block_bitmaps,i_version", true}}, got); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}
