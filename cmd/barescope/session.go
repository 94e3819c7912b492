package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/barescope/barescope/oracle/open"
	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/meter"
	memory "github.com/barescope/barescope/transport/open"
)

// session is an opened target and its kernel.
type session struct {
	target *memory.Target
	kernel *open.Kernel
}

// withKernel opens the target, calls use, and closes it.
func (a *app) withKernel(ctx context.Context, use func(s *session) error) (err error) {
	target, err := a.openTarget()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	kernel, err := a.openKernel(ctx, target)
	if err != nil {
		return err
	}
	return use(&session{target, kernel})
}

func (a *app) openTarget() (*memory.Target, error) {
	url := cmp.Or(a.target, os.Getenv(targetVariable))
	if url == "" {
		return nil, fmt.Errorf("%w: no target: give one with -t nettlp://HOST or in $%s", errUsage, targetVariable)
	}
	ram, err := parseRanges("--ram", a.ram)
	if err != nil {
		return nil, err
	}
	return memory.Open(url, memory.Options{RAM: ram, Record: a.record, Version: version(), Log: a.log})
}

func (a *app) openKernel(ctx context.Context, target *memory.Target) (*open.Kernel, error) {
	report, finish := a.progress("searching RAM for a kernel")
	kernel, err := open.Open(ctx, open.Options{
		Memory: target.Memory, Fence: target.Guard, Cache: target.Cache,
		Extent: target.Extent, Live: target.Live, Progress: report, Log: a.log,
	})
	finish()
	if err != nil {
		return nil, err
	}
	a.logCost("opened the kernel", target.Meter.Counts())
	return kernel, nil
}

// logCost logs what something cost on the link.
func (a *app) logCost(what string, c meter.Counts) {
	a.log.Info().Uint64("round_trips", c.Batches).Uint64("reads", c.Reads).Uint64("bytes", c.Bytes).
		Uint64("retries", c.Retries).Interface("failed", failures(c)).Msg(what)
}

func failures(c meter.Counts) map[string]uint64 {
	f := make(map[string]uint64, len(c.Failed))
	for outcome, n := range c.Failed {
		f[outcome.String()] = n
	}
	return f
}

// parseRanges parses what a flag was given: ranges as /proc/iomem prints them,
// START-END.
func parseRanges(flag string, texts []string) ([]transport.Range, error) {
	var ranges []transport.Range
	for _, text := range texts {
		from, to, ok := strings.Cut(text, "-")
		start, err1 := strconv.ParseUint(strings.TrimPrefix(from, "0x"), 16, 64)
		end, err2 := strconv.ParseUint(strings.TrimPrefix(to, "0x"), 16, 64)
		if !ok || err1 != nil || err2 != nil || end < start {
			return nil, fmt.Errorf("%w: %s %q is no START-END in hexadecimal, such as 100000-3ffdefff", errUsage, flag, text)
		}
		ranges = append(ranges, transport.Range{Start: transport.Address(start), Length: end - start + 1})
	}
	return ranges, nil
}
