package open

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/oracle/layout"
	"github.com/barescope/barescope/oracle/locate"
)

// Found is what is known of a kernel before its symbols and types are.
type Found struct {
	// Image is where the kernel lies.
	Image *locate.Image
	// Rodata is the kernel's read-only data, all of it: it begins at
	// Image.Rodata.Virtual. It must not be modified.
	Rodata []byte
	// Memory reads the kernel's image.
	Memory oracle.Memory
}

// Symbols looks symbols up by name.
type Symbols interface {
	// Lookup returns all symbols of that name, in the order of their
	// addresses, nil if there is none.
	Lookup(name string) []oracle.Symbol
}

// SymbolSource is where symbols may come from.
type SymbolSource interface {
	// Name is what identify shows.
	Name() string
	// Symbols returns an error wrapping oracle.ErrNoSymbols when the source
	// has none for this kernel; any other ends the search.
	Symbols(ctx context.Context, f *Found) (Symbols, error)
}

// TypeSource is where types may come from.
type TypeSource interface {
	// Name is what identify shows.
	Name() string
	// Types returns an error wrapping oracle.ErrNoTypes when the source has
	// none for this kernel; any other ends the search.
	Types(ctx context.Context, f *Found, s Symbols) (layout.Types, error)
}

// bytesAt returns the n bytes of read-only data at an address.
func (f *Found) bytesAt(a oracle.Address, n uint64) ([]byte, bool) {
	start := uint64(a - f.Image.Rodata.Virtual)
	if a < f.Image.Rodata.Virtual || start > uint64(len(f.Rodata)) || n > uint64(len(f.Rodata))-start {
		return nil, false
	}
	return f.Rodata[start : start+n : start+n], true
}

// between returns the read-only data between two symbols.
func (f *Found) between(s Symbols, start, stop string) ([]byte, bool) {
	from, to := s.Lookup(start), s.Lookup(stop)
	if len(from) != 1 || len(to) != 1 || to[0].Address <= from[0].Address {
		return nil, false
	}
	return f.bytesAt(from[0].Address, uint64(to[0].Address-from[0].Address))
}

// banner returns the kernel's full banner: that of linux_banner, where symbols
// tell where it is, and the one that gave the kernel away otherwise. From 6.1
// on the latter is cut short.
func (f *Found) banner(s Symbols) string {
	for _, symbol := range s.Lookup("linux_banner") {
		start := uint64(symbol.Address - f.Image.Rodata.Virtual)
		if symbol.Address < f.Image.Rodata.Virtual || start >= uint64(len(f.Rodata)) {
			continue
		}
		if banner, ok := locate.BannerAt(f.Rodata[start:]); ok {
			return banner
		}
	}
	return f.Image.Banner
}

// configuration reports whether the kernel carries its configuration,
// CONFIG_IKCONFIG (kernel/configs.c).
func (f *Found) configuration() bool { return bytes.Contains(f.Rodata, []byte("IKCFG_ST\x1f\x8b")) }

// findSymbols asks the sources in order until one has symbols. The error
// joins those of all that were asked.
func findSymbols(ctx context.Context, sources []SymbolSource, f *Found) (Symbols, string, error) {
	var errs []error
	for _, source := range sources {
		s, err := source.Symbols(ctx, f)
		if err == nil {
			return s, source.Name(), nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", source.Name(), err))
		if !errors.Is(err, oracle.ErrNoSymbols) {
			break
		}
	}
	return nil, "", errors.Join(errs...)
}

// findTypes asks the sources in order until one has types. The error joins
// those of all that were asked.
func findTypes(ctx context.Context, sources []TypeSource, f *Found, s Symbols) (layout.Types, string, error) {
	var errs []error
	for _, source := range sources {
		t, err := source.Types(ctx, f, s)
		if err == nil {
			return t, source.Name(), nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", source.Name(), err))
		if !errors.Is(err, oracle.ErrNoTypes) {
			break
		}
	}
	return nil, "", errors.Join(errs...)
}
