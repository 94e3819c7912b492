//go:build bench

package bench

import (
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/dump"
	"github.com/barescope/barescope/transport/nettlp"
	"github.com/barescope/barescope/transport/tlp"
)

// What is read for a rate, from 1 MiB on: there is no device below it.
const (
	bulkStart  = 1 << 20
	bulkSize   = 256 << 20
	modelSize  = 16 << 20
	serialSize = 16 << 20
	batchSize  = 1 << 20
)

// bulk is what reading much takes, over the loopback interface unless it says
// otherwise. Rates are in bytes a second.
type bulk struct {
	mrrs                      int
	singly                    bool
	rate, flood, serial, dump float64
	clientCPU, adapterCPU     time.Duration // for each GiB
	allocations               float64       // for each request
	model                     float64       // on the model
}

const bulkRounds = 3

func measureBulk(t *testing.T, mrrs int, singly bool) bulk {
	s := snapshot(t, small)
	b := bulk{mrrs: mrrs, singly: singly}
	stop := lo.serve(t, s, serveOptions{MRRS: mrrs, Singly: singly})
	b.account(t, lo)
	b.adapterCPU = stop() * (1 << 30) / bulkSize
	defer lo.serve(t, s, serveOptions{MRRS: mrrs, Singly: singly})()
	times := fastest(bulkRounds,
		func() { readAll(t, lo, mrrs) },
		func() { flood(t, lo, mrrs) },
		func() { dumpAll(t, lo, mrrs) },
		func() { readSerially(t, lo) })
	for i, rate := range []*float64{&b.rate, &b.flood, &b.dump} {
		*rate = bulkSize / times[i].Seconds()
	}
	b.serial = serialSize / times[3].Seconds()
	onModel(t, s, mrrs, func(t *testing.T, c *nettlp.Client) {
		defer c.Close()
		start := time.Now()
		readRange(t, c, modelSize)
		b.model = modelSize / time.Since(start).Seconds()
	})
	return b
}

// account reads with barescope's client, and notes what that took besides time.
func (b *bulk) account(t *testing.T, n network) {
	c := n.dial(t, b.mrrs)
	defer c.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu := processorTime(t)
	readRange(t, c, bulkSize)
	runtime.ReadMemStats(&after)
	b.clientCPU = (processorTime(t) - cpu) * (1 << 30) / bulkSize
	b.allocations = float64(after.Mallocs-before.Mallocs) / float64(c.Stats().Requests)
}

// readAll reads with barescope's client.
func readAll(t *testing.T, n network, mrrs int) {
	c := n.dial(t, mrrs)
	defer c.Close()
	readRange(t, c, bulkSize)
}

func readRange(t *testing.T, m transport.Memory, size int) {
	t.Helper()
	reads := []transport.Read{{Data: make([]byte, batchSize)}}
	for at := transport.Address(bulkStart); at < bulkStart+transport.Address(size); at += batchSize {
		reads[0].Address = at
		if err := m.ReadPhysical(t.Context(), reads); err != nil || reads[0].Outcome != transport.Success {
			t.Fatalf("%s: %s, %v", reads[0].Range(), reads[0].Outcome, err)
		}
	}
}

// processorTime is that of this process.
func processorTime(t *testing.T) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// readSerially reads 512 bytes at a time, as libtlp does.
func readSerially(t *testing.T, n network) {
	socket := n.socket(t, 0)
	defer socket.Close()
	serial, data := NewSerial(socket, 0, 0), make([]byte, 512)
	for at := transport.Address(bulkStart); at < bulkStart+serialSize; at += 512 {
		if err := serial.Read(at, data); err != nil {
			t.Fatal(err)
		}
	}
}

// dumpAll copies memory to a file.
func dumpAll(t *testing.T, n network, mrrs int) {
	c := n.dial(t, mrrs)
	defer c.Close()
	path := filepath.Join(t.TempDir(), "ram")
	_, err := dump.Write(t.Context(), path, dump.Options{
		Memory: c, Format: dump.Raw, Ranges: []transport.Range{{Start: bulkStart, Length: bulkSize}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// floodTags is how many reads the flood has in flight: as many as the client.
const floodTags = 28

// flood sends the same requests without a client: as many as the tags at
// first, and one more for each that is answered, in turn. Nothing is done with
// the answers but to count bytes.
func flood(t *testing.T, lo network, mrrs int) {
	tags := min(floodTags, nettlp.DefaultWindow/mrrs)
	sockets := make([]*Socket, tags)
	for tag := range sockets {
		socket := lo.socket(t, uint8(tag))
		defer socket.Close()
		if err := unix.SetsockoptInt(socket.fd, unix.SOL_UDP, unix.UDP_GRO, 1); err != nil {
			t.Fatal(err)
		}
		sockets[tag] = socket
	}
	completions := mrrs / 256
	wanted, buffer := mrrs+completions*(tlp.HeaderSize+12), make([]byte, 64<<10)
	for n := range bulkSize/mrrs + tags {
		s := sockets[n%tags]
		for got := 0; n >= tags && got < wanted; {
			read, err := again(func() (int, error) { return unix.Read(s.fd, buffer) })
			if err != nil {
				t.Fatal(err)
			}
			got += read
		}
		if n < bulkSize/mrrs {
			s.mustAsk(t, bulkStart+transport.Address(n*mrrs), mrrs)
		}
	}
}

func (s *Socket) mustAsk(t *testing.T, address transport.Address, length int) {
	r := tlp.MemoryRead{Tag: s.tag, Address: address, Length: length}
	request, err := r.AppendBinary(tlp.Header{}.Append(s.buffer[:0]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Write(s.fd, request); err != nil {
		t.Fatal(err)
	}
}
