package walkertest

import (
	"context"

	"github.com/barescope/barescope/oracle"
	"github.com/barescope/barescope/transport"
)

// page is a page of virtual memory that is mapped.
type page [transport.PageSize]byte

// failure makes reads of [start, end) end with an outcome.
type failure struct {
	start, end oracle.Address
	outcome    transport.Outcome
}

// physicalMask takes a virtual address to the physical one that Translate
// answers.
const physicalMask = 1<<36 - 1

// Physical returns where Translate says that an address lies.
func Physical(a oracle.Address) transport.Address { return transport.Address(a & physicalMask) }

// Write puts bytes at an address and maps the pages that they touch.
func (k *Kernel) Write(a oracle.Address, data []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(data) > 0 {
		base := a &^ (transport.PageSize - 1)
		if k.pages[base] == nil {
			k.pages[base] = new(page)
		}
		n := copy(k.pages[base][a-base:], data)
		a, data = a+oracle.Address(n), data[n:]
	}
}

// Unmap takes the page that an address lies in away.
func (k *Kernel) Unmap(a oracle.Address) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.pages, a&^(transport.PageSize-1))
}

// Fail lets every read that touches [a, a+length) end with an outcome;
// Success lets them be carried out again.
func (k *Kernel) Fail(a oracle.Address, length uint64, outcome transport.Outcome) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failures = append(k.failures, failure{a, a + oracle.Address(length), outcome})
}

// ReadVirtual implements oracle.Memory.
func (k *Kernel) ReadVirtual(ctx context.Context, reads []oracle.Read) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if k.Before != nil {
		k.Before(k.batch, transport.IsFresh(ctx))
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.batch++
	for i := range reads {
		r := &reads[i]
		if r.Outcome = k.outcome(r.Address, uint64(len(r.Data))); r.Outcome == transport.Success {
			k.copy(r)
		}
	}
	return nil
}

// Translate implements walkers.Kernel.
func (k *Kernel) Translate(ctx context.Context, addresses []oracle.Address) ([]oracle.Translation, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	all := make([]oracle.Translation, len(addresses))
	for i, a := range addresses {
		all[i] = oracle.Translation{Virtual: a, Outcome: k.outcome(a, 1)}
		if all[i].Outcome == transport.Success {
			all[i].Physical = Physical(a)
		}
	}
	return all, ctx.Err()
}

// outcome says what comes of reading a range; of several failures the last
// that was set counts.
func (k *Kernel) outcome(a oracle.Address, length uint64) transport.Outcome {
	outcome, end := transport.Success, a+oracle.Address(length)
	if end < a { // beyond the end of the address space
		return transport.Unmapped
	}
	for _, f := range k.failures {
		if f.start < end && a < f.end {
			outcome = f.outcome
		}
	}
	for base := a &^ (transport.PageSize - 1); base < end; base += transport.PageSize {
		if k.pages[base] == nil {
			return transport.Unmapped
		}
	}
	return outcome
}

// copy fills a read whose pages are mapped.
func (k *Kernel) copy(r *oracle.Read) {
	for done := 0; done < len(r.Data); {
		a := r.Address + oracle.Address(done)
		base := a &^ (transport.PageSize - 1)
		done += copy(r.Data[done:], k.pages[base][a-base:])
	}
}
