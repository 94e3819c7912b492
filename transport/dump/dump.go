package dump

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"time"

	"github.com/barescope/barescope/transport"
)

// dumper is a dump on its way.
type dumper struct {
	names   names
	options *Options
	layout  *layout
	sink    sink
	list    *list

	// journal is how far the dump is after the last chunk. It was saved
	// last when it had the offset saved, and kept bytes of memory were done.
	journal     journal
	saved, kept uint64

	part        int           // of the layout, that the sink is at
	begun       time.Time     // this session
	spent       time.Duration // in earlier ones
	done, total uint64        // bytes of memory
}

// Write dumps memory to a file. When it ends early, be it that the context
// ended, the link was lost or the disk is full, the error is an
// [*IncompleteError] and the dump can be resumed; if nothing was read yet, there
// is nothing left of it. Other errors wrap one of this package's.
func Write(ctx context.Context, path string, o Options) (*Manifest, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	l, err := newLayout(o.Format, o.Ranges, o.Core)
	if err != nil {
		return nil, err
	}
	open := create
	if o.Resume {
		open = resume
	}
	d, err := open(names{path}, &o, l)
	if err != nil {
		return nil, err
	}
	if err := d.run(ctx); err != nil {
		return nil, d.suspend(err)
	}
	if err := d.publish(); err != nil {
		return nil, d.suspend(err)
	}
	if err := d.tidy(); err != nil {
		return nil, err
	}
	return d.manifest()
}

// run reads and writes until nothing is left.
func (d *dumper) run(ctx context.Context) error {
	d.begun = time.Now()
	d.journal.Sessions++
	d.count()
	if err := d.mark(); err != nil {
		return err
	}
	if err := d.checkpoint(); err != nil {
		return err
	}
	d.options.Progress(d.done, d.total)
	r := newReader(d.options, d.layout.parts[d.part:], d.sink.offset)
	if err := r.each(ctx, func(c *chunk) error { return d.take(ctx, c) }); err != nil {
		return err
	}
	if err := d.list.put(); err != nil {
		return err
	}
	if err := d.mark(); err != nil {
		return err
	}
	return d.checkpoint()
}

// count finds out how much memory there is, how much of it is done, and in
// which part the sink is.
func (d *dumper) count() {
	for i := range d.layout.parts {
		p := &d.layout.parts[i]
		d.total += p.memory.Length
		switch {
		case p.end() <= d.sink.offset:
			d.part = i + 1
			d.done += p.memory.Length
		case p.text == nil && p.offset < d.sink.offset:
			d.done += d.sink.offset - p.offset
		}
	}
}

// take writes a chunk.
func (d *dumper) take(ctx context.Context, c *chunk) error {
	if err := d.fill(ctx, c.offset); err != nil {
		return err
	}
	if err := d.check(c); err != nil {
		return err
	}
	if err := d.sink.write(c.data); err != nil {
		return err
	}
	if err := d.mark(); err != nil {
		return err
	}
	d.done += uint64(len(c.data))
	d.options.Progress(d.done, d.total)
	if d.journal.Offset-d.saved < d.options.Checkpoint {
		return nil
	}
	return d.checkpoint()
}

// fill writes what a layout has before an offset besides memory.
func (d *dumper) fill(ctx context.Context, to uint64) error {
	for ; d.part < len(d.layout.parts) && d.layout.parts[d.part].offset < to; d.part++ {
		p := &d.layout.parts[d.part]
		if p.text == nil {
			continue
		}
		if err := d.sink.skip(ctx, p.offset); err != nil {
			return err
		}
		if err := d.sink.write(p.text[d.sink.offset-p.offset:]); err != nil {
			return err
		}
	}
	return d.sink.skip(ctx, to)
}

// check makes zeros of what could not be read, and lists it.
func (d *dumper) check(c *chunk) error {
	for i := range c.reads {
		r := &c.reads[i]
		if r.Outcome == transport.Success {
			continue
		}
		clear(r.Data)
		if err := d.list.add(Unreadable{Range: r.Range(), Outcome: r.Outcome}); err != nil {
			return err
		}
	}
	return nil
}

// mark takes down how far the dump is. What it does not know of, because it
// failed half-way, will be done again.
func (d *dumper) mark() error {
	j := &d.journal
	j.Offset, j.Stored, j.Unreadable = d.sink.offset, d.sink.stored, d.list.state
	j.Elapsed = d.spent + time.Since(d.begun)
	var err error
	j.Hash, err = d.sink.hash.(encoding.BinaryAppender).AppendBinary(j.Hash[:0])
	return err
}

// checkpoint makes what is marked last, even if this machine stops working. The
// journal is the last to be written, so that it never promises too much.
func (d *dumper) checkpoint() error {
	if err := d.sink.file.Truncate(int64(d.journal.Offset)); err != nil {
		return err
	}
	if err := errors.Join(d.sink.file.Sync(), d.list.sync()); err != nil {
		return err
	}
	if err := d.journal.save(d.names.journal()); err != nil {
		return fmt.Errorf("saving the journal: %w", err)
	}
	d.saved, d.kept = d.journal.Offset, d.done
	return nil
}

// suspend leaves a dump as one that can be resumed, and returns the error that
// says so. A dump without content is removed instead.
func (d *dumper) suspend(reason error) error {
	if d.journal.Sessions == 1 && d.journal.Offset == 0 {
		return errors.Join(reason, d.close(), d.names.remove())
	}
	reason = errors.Join(reason, d.checkpoint(), d.close())
	return &IncompleteError{Done: d.kept, Total: d.total, Err: reason}
}

func (d *dumper) close() error { return errors.Join(d.list.close(), d.sink.file.Close()) }
