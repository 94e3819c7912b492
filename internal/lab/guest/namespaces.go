package guest

import (
	"fmt"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// namespace is a mount namespace with one process in it.
type namespace struct {
	name  string
	setUp func() error
	// inner is made from within.
	inner *namespace
}

// makeNamespaces makes mount namespaces, each held by nothing but a process.
func makeNamespaces() error {
	nested := &namespace{name: "nested mntns", setUp: nestedMounts}
	for _, n := range []*namespace{
		{name: "private mntns", setUp: privateMounts, inner: nested},
		{name: "slave mntns", setUp: slaveMounts},
		{name: "container", setUp: containerMounts},
	} {
		result := make(chan error)
		go func() { result <- n.enter() }()
		if err := <-result; err != nil {
			return err
		}
	}
	return nil
}

// enter makes the namespace on a thread of its own, which ends with the
// goroutine, since it is never unlocked.
func (n *namespace) enter() error {
	runtime.LockOSThread()
	for ; n != nil; n = n.inner {
		if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		if err := n.setUp(); err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		if _, err := fork(named(n.name)); err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
	}
	return nil
}

// privateMounts cuts all propagation and adds mounts that nobody else sees.
func privateMounts() error {
	return makeAll([]mount{
		{target: "/", flags: unix.MS_PRIVATE | unix.MS_REC},
		{source: "private", target: "/mnt/plain", kind: "tmpfs", options: "size=64k"},
		{source: "private 2", target: "/mnt/plain/below", kind: "tmpfs"},
	})
}

func nestedMounts() error {
	return makeAll([]mount{
		{source: "nested", target: "/mnt/plain/below/nested", kind: "ramfs"},
		{target: "/mnt/plain", flags: unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY},
	})
}

// slaveMounts receives what is mounted in the first namespace, and passes
// nothing back; one mount does so to its own peers too.
func slaveMounts() error {
	return makeAll([]mount{
		{target: "/", flags: unix.MS_SLAVE | unix.MS_REC},
		{target: "/mnt/shared", flags: unix.MS_SHARED},
		{source: "slave's", target: "/mnt/shared/slave's", kind: "tmpfs"},
	})
}

// containerMounts covers the root of the namespace, as container engines do
// where the root is the initramfs: what lies below is out of reach, and
// mountinfo does not show it.
func containerMounts() error {
	err := makeAll([]mount{
		{target: "/", flags: unix.MS_PRIVATE | unix.MS_REC},
		{source: "container", target: "/mnt/plain", kind: "tmpfs", options: "size=1m"},
		{source: "proc", target: "/mnt/plain/proc", kind: "proc"},
		{source: "/lab", target: "/mnt/plain/lab", flags: unix.MS_BIND},
	})
	if err != nil {
		return err
	}
	if err := unix.Chdir("/mnt/plain"); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return err
	}
	// Not unix.Chroot's other threads: they share their root, this thread
	// has its own since it left their namespace.
	if err := syscall.Chroot("."); err != nil {
		return err
	}
	return unix.Chdir("/")
}
