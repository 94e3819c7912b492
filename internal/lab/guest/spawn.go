package guest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// maxSpawn keeps the guest below its largest process id.
const maxSpawn = 30000

// spawn has a process start sleeping processes, and returns when they are
// there. The agent does not start them itself: each has a copy of the page
// tables of whoever forked it.
func spawn(count int) error {
	if count < 1 || count > maxSpawn {
		return fmt.Errorf("spawn %d processes, not 1 to %d", count, maxSpawn)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return err
	}
	defer read.Close()
	_, err = start(write, "spawn", strconv.Itoa(count))
	write.Close()
	if err != nil {
		return err
	}
	problem, err := io.ReadAll(read)
	if err == nil && len(problem) > 0 {
		err = errors.New(string(problem))
	}
	return err
}

// runSpawn forks and then only stays, as the parent.
func runSpawn(args []string) error {
	if err := forkSleepers(args); err != nil {
		fmt.Print(err)
		return err
	}
	if err := os.Stdout.Close(); err != nil {
		return err
	}
	for {
		_ = unix.Pause()
	}
}

// batch is how many tasks are forked at once: they write a byte each into a
// pipe that nobody reads meanwhile.
const batch = 1000

func forkSleepers(args []string) error {
	if len(args) != 1 {
		return errors.New("spawn takes a number")
	}
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if err := renameSelf("spawner"); err != nil {
		return err
	}
	for done := 0; done < count; done += batch {
		var tasks []*task
		for i := done; i < min(done+batch, count); i++ {
			tasks = append(tasks, named("sleeper "+strconv.Itoa(i)))
		}
		if _, err := fork(tasks...); err != nil {
			return err
		}
	}
	return nil
}
