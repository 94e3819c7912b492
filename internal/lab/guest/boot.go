package guest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// baseMounts are what every Linux has.
var baseMounts = []mount{
	{source: "proc", target: "/proc", kind: "proc", flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC},
	{source: "sysfs", target: "/sys", kind: "sysfs", flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC},
	{source: "udev", target: "/dev", kind: "devtmpfs", flags: unix.MS_NOSUID, options: "mode=0755"},
	{source: "devpts", target: "/dev/pts", kind: "devpts", flags: unix.MS_NOSUID | unix.MS_NOEXEC, options: "gid=5,mode=620,ptmxmode=000"},
	{source: "tmpfs", target: "/run", kind: "tmpfs", flags: unix.MS_NOSUID | unix.MS_NODEV, options: "size=20%,mode=755"},
	{source: "tmpfs", target: "/tmp", kind: "tmpfs", options: "size=100m,mode=1777"},
	{source: "cgroup2", target: "/sys/fs/cgroup", kind: "cgroup2", flags: unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, options: "nsdelegate,memory_recursiveprot"},
}

// runInit is process 1. It does not return: a kernel without its process 1
// panics.
func runInit([]string) error {
	problem := setUp()
	if problem != nil {
		fmt.Fprintln(os.Stderr, "lab-guest:", problem)
	}
	for {
		if err := serve(problem); err != nil {
			fmt.Fprintln(os.Stderr, "lab-guest:", err)
			return err
		}
		problem = errors.New("the agent has ended once")
	}
}

// setUp does all that has to be done before the host is told that the guest is
// ready.
func setUp() error {
	config, err := setUpKernel()
	if err != nil {
		return err
	}
	if err := renameSelf("init"); err != nil {
		return err
	}
	if err := raiseLoopback(); err != nil {
		return err
	}
	return startWorkload(config)
}

func setUpKernel() (Config, error) {
	for _, m := range baseMounts {
		if err := m.make(); err != nil {
			return Config{}, err
		}
	}
	config, err := readConfig()
	if err != nil {
		return Config{}, err
	}
	for _, name := range config.Modules {
		if err := loadModule(filepath.Join(ModuleDir, name)); err != nil {
			return Config{}, err
		}
	}
	return config, writeFiles(kernelSettings)
}

// kernelSettings make room for the many processes of a benchmark: by default
// there may be one for each 128 KiB of RAM. They also keep the kernel's workers
// from waking up every second or five to count and write back pages: a snapshot
// takes a moment in which nobody changes his state or, as a worker does, his
// name.
var kernelSettings = []fileContent{
	{"/proc/sys/kernel/threads-max", "65536"},
	{"/proc/sys/vm/stat_interval", "100000"},
	{"/proc/sys/vm/dirty_writeback_centisecs", "0"},
}

type fileContent struct{ path, content string }

func writeFiles(files []fileContent) error {
	for _, f := range files {
		if err := os.WriteFile(f.path, []byte(f.content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func loadModule(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := unix.FinitModule(int(file.Fd()), "", 0); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("load %s: %w", path, err)
	}
	return nil
}

// renameSelf changes the name that /proc shows for this process.
func renameSelf(name string) error {
	return os.WriteFile("/proc/self/comm", []byte(name), 0o644)
}

// startWorkload starts the workload and waits until it is set up. What it
// writes to its standard output is what went wrong.
func startWorkload(config Config) error {
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	_, err = start(write, "workload", fmt.Sprint(config.Modular))
	write.Close()
	if err != nil {
		return err
	}
	problem, err := io.ReadAll(read)
	if err != nil {
		return err
	}
	if len(problem) > 0 {
		return fmt.Errorf("workload: %s", problem)
	}
	return nil
}

// start starts one of the guest's programs.
func start(stdout *os.File, arguments ...string) (int, error) {
	argv := append([]string{ProgramPath, Command}, arguments...)
	process, err := os.StartProcess(ProgramPath, argv, &os.ProcAttr{
		Env:   []string{"PATH=/bin", "HOME=/", "TERM=dumb"},
		Files: []*os.File{os.Stdin, stdout, os.Stderr},
	})
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", arguments[0], err)
	}
	return process.Pid, process.Release()
}

// serve runs the agent and buries the orphans of the whole system until the
// agent has ended.
func serve(problem error) error {
	text := ""
	if problem != nil {
		text = problem.Error()
	}
	agent, err := start(os.Stdout, "agent", text)
	if err != nil {
		return err
	}
	for {
		pid, err := unix.Wait4(-1, nil, 0, nil)
		if pid == agent || (err != nil && !errors.Is(err, unix.EINTR)) {
			return err
		}
	}
}
