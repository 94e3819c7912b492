package initramfs

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/cavaliergopher/cpio"
	"github.com/klauspost/compress/gzip"
)

// archive writes a compressed cpio archive.
type archive struct {
	zip  *gzip.Writer
	cpio *cpio.Writer
	// made holds the directories that are in the archive already.
	made map[string]bool
}

// newArchive compresses for speed: the guest unpacks as slowly as an emulated
// processor does, whatever the level.
func newArchive(w io.Writer) (*archive, error) {
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	return &archive{zip: zip, cpio: cpio.NewWriter(zip), made: map[string]bool{".": true, "/": true}}, nil
}

// directory adds a directory and those it is in.
func (a *archive) directory(name string) error {
	name = path.Clean(name)
	if a.made[name] {
		return nil
	}
	if err := a.directory(path.Dir(name)); err != nil {
		return err
	}
	a.made[name] = true
	return a.add(name, cpio.TypeDir|0o755, nil)
}

// file adds a file and the directories it is in.
func (a *archive) file(name string, permissions cpio.FileMode, data []byte) error {
	if err := a.directory(path.Dir(name)); err != nil {
		return err
	}
	return a.add(name, cpio.TypeReg|permissions, data)
}

// symlink adds a link, whose contents are its target.
func (a *archive) symlink(name, target string) error {
	return a.add(name, cpio.TypeSymlink|0o777, []byte(target))
}

func (a *archive) add(name string, mode cpio.FileMode, data []byte) error {
	header := &cpio.Header{Name: strings.TrimPrefix(name, "/"), Mode: mode, Size: int64(len(data)), Links: 1}
	if err := a.cpio.WriteHeader(header); err != nil {
		return err
	}
	_, err := a.cpio.Write(data)
	return err
}

func (a *archive) close() error {
	return errors.Join(a.cpio.Close(), a.zip.Close())
}
