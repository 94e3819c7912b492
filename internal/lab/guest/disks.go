package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// makeFuse mounts a FUSE file system that nobody serves: it answers nothing,
// but it is there.
func makeFuse() error {
	device, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	sockets = append(sockets, device)
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=1000,group_id=1000,allow_other,max_read=65536", device.Fd())
	return mount{source: "nobody", target: "/mnt/fuse", kind: "fuse", flags: unix.MS_NOSUID | unix.MS_NODEV, options: options}.make()
}

// Overlays of directories in one tmpfs. The options escape what separates them
// from each other.
var overlayDirectories = []string{"lower", "lower:2", "upper dir", "work dir", "upper3", "work3"}

const overlayTop = "/mnt/overlay-base/"

var overlays = []mount{
	{
		source: "overlay", target: "/mnt/overlay", kind: "overlay",
		options: "lowerdir=" + overlayTop + "lower,upperdir=" + overlayTop + "upper dir,workdir=" + overlayTop + "work dir",
	},
	{
		source: "overlay", target: "/mnt/overlay-lower", kind: "overlay",
		options: "lowerdir=" + overlayTop + "lower\\:2:" + overlayTop + "lower",
	},
	{
		source: "overlay", target: "/mnt/overlay-options", kind: "overlay", flags: unix.MS_NODEV,
		options: "redirect_dir=nofollow,index=on,xino=off,lowerdir=" + overlayTop + "lower,upperdir=" + overlayTop + "upper3,workdir=" + overlayTop + "work3",
	},
}

func makeOverlays() error {
	if err := (mount{source: "overlay-base", target: overlayTop, kind: "tmpfs"}).make(); err != nil {
		return err
	}
	for _, name := range overlayDirectories {
		if err := os.Mkdir(overlayTop+name, 0o755); err != nil {
			return err
		}
	}
	return makeAll(overlays)
}

// disks are file systems on loop devices, each made of an image.
var disks = []struct {
	image string
	mount mount
}{
	{"ext4", mount{target: "/mnt/ext4", kind: "ext4"}},
	{"ext4", mount{
		target: "/mnt/ext4-options", kind: "ext4", flags: unix.MS_NOATIME,
		options: "data=journal,errors=remount-ro,commit=30,noauto_da_alloc,nobarrier,resuid=1000,max_batch_time=100,stripe=16,usrquota",
	}},
	{"ext4", mount{target: "/mnt/ext4-ro", kind: "ext4", flags: unix.MS_RDONLY, options: "noload,minixdf,debug"}},
	{"xfs", mount{target: "/mnt/xfs", kind: "xfs"}},
	{"xfs", mount{
		target: "/mnt/xfs-options", kind: "xfs", flags: unix.MS_NODEV,
		options: "nouuid,logbufs=4,logbsize=64k,allocsize=64k,inode32,wsync,usrquota,prjquota",
	}},
}

func makeDisks() error {
	for i, d := range disks {
		data, err := os.ReadFile(filepath.Join(ImageDir, d.image))
		if err != nil {
			return err
		}
		file := fmt.Sprintf("/tmp/disk %d", i)
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return err
		}
		if d.mount.source, err = attachLoop(file); err != nil {
			return fmt.Errorf("loop device for %s: %w", d.image, err)
		}
		if err := d.mount.make(); err != nil {
			return err
		}
	}
	return nil
}

// attachLoop connects a file to a free loop device and returns its path.
func attachLoop(file string) (string, error) {
	control, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer control.Close()
	number, err := unix.IoctlRetInt(int(control.Fd()), unix.LOOP_CTL_GET_FREE)
	if err != nil {
		return "", err
	}
	path := fmt.Sprintf("/dev/loop%d", number)
	return path, attachTo(path, file)
}

func attachTo(path, file string) error {
	device, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer device.Close()
	backing, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer backing.Close()
	err = unix.IoctlSetInt(int(device.Fd()), unix.LOOP_SET_FD, int(backing.Fd()))
	var info unix.LoopInfo64
	copy(info.File_name[:], file)
	return errors.Join(err, unix.IoctlLoopSetStatus64(int(device.Fd()), &info))
}
