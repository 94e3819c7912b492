package truth

// Raw holds the contents of the guest's files, byte for byte.
type Raw struct {
	// Collector is the process that read the files. Its own rows cannot
	// be compared: it was running while it looked, and is not any more.
	Collector int
	Tasks     []RawTask
	// Namespaces holds one process for each mount namespace, that with
	// the lowest process id.
	Namespaces []RawNamespace
	// Modules is /proc/modules, IOMem /proc/iomem, Stat the line of
	// /proc/stat with the boot time.
	Modules, IOMem, Stat []byte
	Release, Version     string
	Machine, Hostname    string
}

// RawTask holds the files of one thread: those of /proc/PID for the leader of
// a process, those of /proc/PID/task/TID for the others.
type RawTask struct {
	TGID, TID int
	// Stat and Comm are whole files.
	Stat, Comm []byte
	// Status holds the lines of the file that [StatusKeys] names.
	Status []byte
}

// RawNamespace holds the mounts of one mount namespace as a process sees them.
type RawNamespace struct {
	// Inode of /proc/PID/ns/mnt.
	Inode uint64
	// PID of the process.
	PID       int
	MountInfo []byte
}

// StatusKeys names the lines of /proc/PID/status that are collected: what the
// scheduler or the allocator changes all the time is left out.
var StatusKeys = map[string]bool{
	"Name": true, "State": true, "Tgid": true, "Pid": true, "PPid": true, "TracerPid": true,
	"Uid": true, "Gid": true, "NStgid": true, "NSpid": true, "Kthread": true, "Threads": true,
}
