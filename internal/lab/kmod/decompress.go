package kmod

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/therootcompany/xz"
)

// maxModule bounds a decompressed module in bytes.
const maxModule = 64 << 20

// suffixes that a module file may end in, each with what undoes it.
var suffixes = []struct {
	name string
	open func(io.Reader) (io.Reader, error)
}{
	{".ko", func(r io.Reader) (io.Reader, error) { return r, nil }},
	{".ko.xz", func(r io.Reader) (io.Reader, error) { return xz.NewReader(r, xz.DefaultDictMax) }},
	{".ko.zst", func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) }},
	{".ko.gz", func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
}

// Read returns the contents of a module file, decompressed.
func Read(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for _, s := range suffixes {
		if strings.HasSuffix(path, s.name) {
			return readAll(path, bufio.NewReader(file), s.open)
		}
	}
	return nil, fmt.Errorf("%s: %w", path, ErrNotModule)
}

func readAll(path string, r io.Reader, open func(io.Reader) (io.Reader, error)) ([]byte, error) {
	plain, err := open(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	data, err := io.ReadAll(io.LimitReader(plain, maxModule+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(data) > maxModule {
		return nil, fmt.Errorf("%s: %w: more than %d bytes", path, ErrNotModule, maxModule)
	}
	return data, nil
}

// moduleName returns the name of the module in a file of that name, or false.
// A module's name has underscores where its file's name may have hyphens.
func moduleName(file string) (string, bool) {
	for _, s := range suffixes {
		if base, ok := strings.CutSuffix(file, s.name); ok {
			return Canonical(base), true
		}
	}
	return "", false
}

// Canonical returns a module's name as the kernel writes it.
func Canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }
