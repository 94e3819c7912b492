package guest

import (
	"bytes"
	"encoding/gob"
	"errors"
	"runtime"

	"github.com/barescope/barescope/internal/lab/truth"
	"github.com/barescope/barescope/internal/lab/wire"
)

// maxReadings bounds how often everything is read until two readings agree.
const maxReadings = 40

// spare is the room, in bytes, that a buffer has beyond twice what one reading
// took.
const spare = 256 << 10

// prepare makes a buffer that is large enough for a snapshot, and so much
// larger that a few more processes do no harm.
func (a *agent) prepare() (wire.Reply, error) {
	raw, err := newCollector().collect()
	if err != nil {
		return wire.Reply{}, err
	}
	encoded, err := encode(raw)
	if err != nil {
		return wire.Reply{}, err
	}
	if a.buffer != nil {
		if err := a.buffer.free(); err != nil {
			return wire.Reply{}, err
		}
	}
	if a.buffer, err = newBuffer(2*len(encoded) + spare); err != nil {
		return wire.Reply{}, err
	}
	pages, err := a.buffer.pages()
	return wire.Reply{Pages: pages}, err
}

// collect fills the buffer with what two readings in a row agreed on. The
// first of the two is stored before the second is made, so that nothing is
// left to do when they agree.
func (a *agent) collect(thenPanic bool) (wire.Reply, error) {
	if a.buffer == nil {
		return wire.Reply{}, errors.New("collect without prepare")
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := newCollector()
	last, err := c.collect()
	for reading := 1; err == nil; reading++ {
		if err = a.store(last); err != nil {
			break
		}
		var next *truth.Raw
		if next, err = c.collect(); err != nil || same(last, next) {
			break
		}
		if reading == maxReadings {
			err = errors.New("the guest does not come to rest")
		}
		last = next
	}
	if err == nil && thenPanic {
		err = panicKernel()
	}
	return wire.Reply{}, err
}

func (a *agent) store(raw *truth.Raw) error {
	encoded, err := encode(raw)
	if err != nil {
		return err
	}
	return a.buffer.store(encoded)
}

func encode(raw *truth.Raw) ([]byte, error) {
	var encoded bytes.Buffer
	err := gob.NewEncoder(&encoded).Encode(raw)
	return encoded.Bytes(), err
}
