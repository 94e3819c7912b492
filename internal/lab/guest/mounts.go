package guest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// makeMounts makes the mounts of the first namespace.
func makeMounts(modular bool) error {
	for _, mounts := range [][]mount{optionMounts, pathMounts, bindMounts, propagationMounts, otherMounts} {
		if err := makeAll(mounts); err != nil {
			return err
		}
	}
	steps := []func() error{makeDeleted, makeDetached, makeChroot}
	if modular {
		steps = append(steps, makeFuse, makeOverlays, makeDisks)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func makeAll(mounts []mount) error {
	for _, m := range mounts {
		if err := m.make(); err != nil {
			return err
		}
	}
	return nil
}

// optionMounts are file systems with options of their own, and mounts with
// every flag.
var optionMounts = []mount{
	{source: "plain", target: "/mnt/plain", kind: "tmpfs"},
	{source: "sized", target: "/mnt/sized", kind: "tmpfs", options: "size=1m,nr_inodes=100,mode=1750,uid=1000,gid=65534"},
	{source: "sized", target: "/mnt/tiny", kind: "tmpfs", options: "nr_blocks=3,inode32"},
	{source: "huge", target: "/mnt/huge", kind: "tmpfs", options: "huge=within_size", configured: true},
	{source: "policy", target: "/mnt/policy", kind: "tmpfs", options: "mpol=prefer:0", configured: true},
	{source: "unlimited", target: "/mnt/unlimited", kind: "tmpfs", options: "size=0,nr_inodes=0"},
	{source: "read-only", target: "/mnt/read-only", kind: "tmpfs", flags: unix.MS_RDONLY},
	{source: "flags", target: "/mnt/noexec", kind: "tmpfs", flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME},
	{source: "flags", target: "/mnt/strict", kind: "tmpfs", flags: unix.MS_STRICTATIME | unix.MS_NODIRATIME},
	{source: "flags", target: "/mnt/sync", kind: "tmpfs", flags: unix.MS_SYNCHRONOUS | unix.MS_DIRSYNC | unix.MS_LAZYTIME},
	{source: "flags", target: "/mnt/remounted", kind: "tmpfs"},
	{target: "/mnt/remounted", flags: unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY | unix.MS_NOSUID},
	{source: "ramfs", target: "/mnt/ramfs", kind: "ramfs"},
	{source: "ramfs", target: "/mnt/ramfs-mode", kind: "ramfs", options: "mode=700"},
	{source: "proc", target: "/mnt/proc", kind: "proc", options: "hidepid=2,gid=1000"},
	{source: "proc", target: "/mnt/proc-pid", kind: "proc", options: "subset=pid,hidepid=ptraceable"},
	{source: "devpts", target: "/mnt/devpts", kind: "devpts", options: "uid=1000,gid=1000,mode=600,ptmxmode=666,max=16"},
	{source: "sysfs", target: "/mnt/sysfs", kind: "sysfs", flags: unix.MS_RDONLY},
	{source: "devtmpfs", target: "/mnt/devtmpfs", kind: "devtmpfs", flags: unix.MS_NOEXEC},
	{source: "cgroup2", target: "/mnt/cgroup", kind: "cgroup2", flags: unix.MS_NODEV, options: "nsdelegate,memory_recursiveprot"},
}

// pathMounts have paths and sources that mountinfo has to escape.
var pathMounts = []mount{
	{source: "a source", target: "/mnt/with space", kind: "tmpfs"},
	{source: "a\tsource", target: "/mnt/with\ttab", kind: "tmpfs"},
	{source: "a\nsource", target: "/mnt/with\nnewline", kind: "tmpfs"},
	{source: `a\source`, target: `/mnt/with\backslash`, kind: "tmpfs"},
	{source: `a\040source`, target: `/mnt/with\040digits`, kind: "tmpfs"},
	{source: "#source", target: "/mnt/#hash", kind: "tmpfs"},
	{source: "\xffsource", target: "/mnt/\x1b[31m\xff", kind: "tmpfs"},
	{source: "-", target: "/mnt/-", kind: "tmpfs"},
	{source: "deep", target: "/mnt/with space/and \\ more/\n/end", kind: "tmpfs"},
	{source: "over", target: "/mnt/over", kind: "tmpfs"},
	{source: "covered", target: "/mnt/over/covered", kind: "tmpfs"},
	{source: "over again", target: "/mnt/over", kind: "tmpfs"},
}

// bindMounts show a part of a file system in another place.
var bindMounts = []mount{
	{source: "/mnt/with space/and \\ more", target: "/mnt/bind of\\odd path", flags: unix.MS_BIND},
	{source: "/etc", target: "/mnt/etc", flags: unix.MS_BIND},
	{target: "/mnt/etc", flags: unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY | unix.MS_NOEXEC | unix.MS_NODEV},
	{source: "/etc/passwd", target: "/etc/group", flags: unix.MS_BIND},
	{source: "/mnt/with space", target: "/mnt/recursive", flags: unix.MS_BIND | unix.MS_REC},
}

// propagationMounts are shared, slaves, both, neither, and not to be bound.
var propagationMounts = []mount{
	{source: "shared", target: "/mnt/shared", kind: "tmpfs"},
	{target: "/mnt/shared", flags: unix.MS_SHARED},
	{source: "/mnt/shared", target: "/mnt/peer", flags: unix.MS_BIND},
	{source: "/mnt/shared", target: "/mnt/slave", flags: unix.MS_BIND},
	{target: "/mnt/slave", flags: unix.MS_SLAVE},
	{source: "/mnt/slave", target: "/mnt/slave-shared", flags: unix.MS_BIND},
	{target: "/mnt/slave-shared", flags: unix.MS_SHARED},
	{source: "/mnt/slave-shared", target: "/mnt/slave-of-slave", flags: unix.MS_BIND},
	{target: "/mnt/slave-of-slave", flags: unix.MS_SLAVE},
	{source: "propagated", target: "/mnt/shared/below", kind: "tmpfs"},
	{source: "unbindable", target: "/mnt/unbindable", kind: "tmpfs"},
	{target: "/mnt/unbindable", flags: unix.MS_UNBINDABLE},
}

// otherMounts are file systems whose options only their own code can tell.
var otherMounts = []mount{
	{source: "mqueue", target: "/mnt/mqueue", kind: "mqueue", configured: true},
	{source: "debugfs", target: "/sys/kernel/debug", kind: "debugfs", configured: true},
	{source: "securityfs", target: "/sys/kernel/security", kind: "securityfs", configured: true},
	{source: "bpf", target: "/sys/fs/bpf", kind: "bpf", options: "mode=700", configured: true},
	{source: "hugetlbfs", target: "/mnt/hugetlbfs", kind: "hugetlbfs", options: "pagesize=2M", configured: true},
}

// makeDeleted binds a directory and a file and then removes what was bound.
func makeDeleted() error {
	if err := os.WriteFile("/tmp/deleted file", nil, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile("/mnt/deleted-file", nil, 0o644); err != nil {
		return err
	}
	err := makeAll([]mount{
		{source: "deleted", target: "/tmp/deleted", kind: "ramfs"},
		{source: "/tmp/deleted file", target: "/mnt/deleted-file", flags: unix.MS_BIND},
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll("/tmp/deleted/a/b", 0o755); err != nil {
		return err
	}
	if err := (mount{source: "/tmp/deleted/a/b", target: "/mnt/deleted", flags: unix.MS_BIND}).make(); err != nil {
		return err
	}
	return errors.Join(os.Remove("/tmp/deleted/a/b"), os.Remove("/tmp/deleted file"))
}

// makeDetached takes a mount out of the tree that a process's working
// directory still holds: it is in no namespace any more.
func makeDetached() error {
	const path = "/mnt/detached"
	if err := (mount{source: "detached", target: path, kind: "tmpfs"}).make(); err != nil {
		return err
	}
	t := named("in detached")
	var err error
	if t.directory, err = unix.BytePtrFromString(path); err != nil {
		return err
	}
	if _, err := fork(t); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return unix.Unmount(path, unix.MNT_DETACH)
}

// makeChroot starts a process whose root is not the namespace's.
func makeChroot() error {
	t := named("in chroot")
	var err error
	if t.root, err = unix.BytePtrFromString("/mnt/with space"); err != nil {
		return err
	}
	if t.directory, err = unix.BytePtrFromString("/"); err != nil {
		return err
	}
	_, err = fork(t)
	return err
}
