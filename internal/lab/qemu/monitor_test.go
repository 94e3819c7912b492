package qemu

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
)

// fakeMonitor answers commands as QEMU 7.2 does.
func fakeMonitor(t *testing.T, answer func(command string) string) *monitor {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { near.Close() })
	go func() {
		defer far.Close()
		fmt.Fprint(far, `{"QMP": {"version": {"qemu": {"major": 7}}, "capabilities": ["oob"]}}`+"\r\n")
		commands := bufio.NewScanner(far)
		for commands.Scan() {
			if _, err := fmt.Fprint(far, answer(commands.Text())); err != nil {
				return
			}
		}
	}()
	return newMonitor(near)
}

func TestExecute(t *testing.T) {
	number := 0
	m := fakeMonitor(t, func(command string) string {
		number++
		if strings.Contains(command, `"bad"`) {
			return fmt.Sprintf(`{"id": %d, "error": {"class": "CommandNotFound", "desc": "no such command"}}`, number)
		}
		event := `{"timestamp": {"seconds": 1}, "event": "STOP"}` + "\r\n"
		return event + fmt.Sprintf(`{"return": {}, "id": %d}`+"\r\n", number)
	})
	if err := m.execute(t.Context(), "stop"); err != nil {
		t.Error(err)
	}
	if err := m.execute(t.Context(), "bad"); err == nil || !strings.Contains(err.Error(), "no such command") {
		t.Error(err)
	}
	if err := m.execute(t.Context(), "cont"); err != nil {
		t.Error(err)
	}
}

func TestExecuteGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	silent := fakeMonitor(t, func(string) string { cancel(); return "" })
	if err := silent.execute(ctx, "stop"); !errors.Is(err, context.Canceled) {
		t.Errorf("no answer: %v", err)
	}
	broken := fakeMonitor(t, func(string) string { return "no JSON" })
	if err := broken.execute(t.Context(), "stop"); !errors.Is(err, ErrEnded) {
		t.Errorf("no JSON: %v", err)
	}
	if err := broken.execute(t.Context(), "cont"); !errors.Is(err, ErrEnded) {
		t.Errorf("afterwards: %v", err)
	}
}
