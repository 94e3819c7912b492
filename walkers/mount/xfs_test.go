package mount

import (
	"testing"

	"github.com/barescope/barescope/oracle/layout"
	wt "github.com/barescope/barescope/walkers/walkertest"
)

// defineXFS makes xfs known, as it is since 5.15 or was before.
func defineXFS(k *wt.Kernel, features bool) *layout.Type {
	flags := "m_flags"
	if features {
		flags = "m_features"
	}
	return k.Define(wt.Struct("xfs_mount", wt.Member(flags, wt.Long), wt.Member("m_allocsize_log", wt.Uint),
		wt.Member("m_logbufs", wt.Int), wt.Member("m_logbsize", wt.Int), wt.Member("m_logname", wt.Pointer),
		wt.Member("m_rtname", wt.Pointer), wt.Member("m_dalign", wt.Int), wt.Member("m_swidth", wt.Int),
		wt.Member("m_blkbb_log", wt.Char), wt.Member("m_qflags", wt.Uint), wt.Member("m_max_open_zones", wt.Uint),
		wt.Member("m_awu_max_bytes", wt.Long)))
}

func TestXFSPrints(t *testing.T) {
	k := wt.New(t)
	typ := defineXFS(k, true)
	usual := wt.Values{"m_features": 1 << 10, "m_logbufs": 8, "m_logbsize": 32 << 10, "m_blkbb_log": 3}
	runAll(t, k, newXFS, typ, usual, []printerTest{
		{name: "usual", want: "attr2,inode64,logbufs=8,logbsize=32k,noquota"},
		{name: "flags", values: wt.Values{"m_features": uint64(1<<52 | 1<<63 | 1<<56 | 1<<50 | 1<<47), "m_allocsize_log": 16},
			want: "wsync,nouuid,nolifetime,inode32,allocsize=64k,logbufs=8,logbsize=32k,noquota"},
		{name: "stripe", values: wt.Values{"m_dalign": 16, "m_swidth": 64}, want: "attr2,inode64,logbufs=8,logbsize=32k,sunit=128,swidth=512,noquota"},
		{name: "devices", values: wt.Values{"m_logname": k.Text("/dev/log"), "m_rtname": k.Text("/dev/rt")},
			want: "attr2,inode64,logbufs=8,logbsize=32k,logdev=/dev/log,rtdev=/dev/rt,noquota"},
		{name: "quotas", values: wt.Values{"m_qflags": 0x1 | 0x2 | 0x8 | 0x40 | 0x80}, want: "attr2,inode64,logbufs=8,logbsize=32k,usrquota,pqnoenforce,grpquota"},
		{name: "limits", values: wt.Values{"m_max_open_zones": 5, "m_awu_max_bytes": 8192},
			want: "attr2,inode64,logbufs=8,logbsize=32k,noquota,max_open_zones=5,max_atomic_write=8k"},
	})
}

func TestXFSPrintsOldFlags(t *testing.T) {
	k := wt.New(t)
	runAll(t, k, newXFS, defineXFS(k, false), nil, []printerTest{
		{name: "none", want: "inode64,noquota"},
		{name: "some", values: wt.Values{"m_flags": 1<<0 | 1<<8 | 1<<14 | 1<<27}, want: "wsync,attr2,dax=never,inode32,noquota"},
	})
}
