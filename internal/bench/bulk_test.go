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
	bulkSize   = 512 << 20
	modelSize  = 16 << 20
	serialSize = 32 << 20
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

func measureBulk(t *testing.T, mrrs int, singly bool) bulk {
	s := snapshot(t, small)
	b := bulk{mrrs: mrrs, singly: singly}
	o := serveOptions{MRRS: mrrs, Singly: singly}
	service := onLoopback(t, s, o, func() { b.readAll(t) })
	b.adapterCPU = service.CPU() * (1 << 30) / bulkSize
	onLoopback(t, s, o, func() { b.flood = measureFlood(t, mrrs) })
	onLoopback(t, s, o, func() { b.serial = measureSerial(t) })
	onLoopback(t, s, o, func() { b.dump = measureDump(t, mrrs) })
	onModel(t, s, mrrs, func(t *testing.T, c *nettlp.Client) {
		defer c.Close()
		start := time.Now()
		readRange(t, c, modelSize)
		b.model = modelSize / time.Since(start).Seconds()
	})
	return b
}

// readAll reads with barescope's client.
func (b *bulk) readAll(t *testing.T) {
	c := mustDial(t, b.mrrs)
	defer c.Close()
	var before, after runtime.MemStats
	readRange(t, c, 16<<20) // to warm up
	requests, cpu := c.Stats().Requests, processorTime(t)
	runtime.ReadMemStats(&before)
	start := time.Now()
	readRange(t, c, bulkSize)
	b.rate = bulkSize / time.Since(start).Seconds()
	runtime.ReadMemStats(&after)
	b.clientCPU = (processorTime(t) - cpu) * (1 << 30) / bulkSize
	b.allocations = float64(after.Mallocs-before.Mallocs) / float64(c.Stats().Requests-requests)
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

// measureSerial reads 512 bytes at a time, as libtlp does.
func measureSerial(t *testing.T) float64 {
	socket, err := DialSocket(ownAddress, adapterAddress, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	serial, data := NewSerial(socket, 0, 0), make([]byte, 512)
	start := time.Now()
	for at := transport.Address(bulkStart); at < bulkStart+serialSize; at += 512 {
		if err := serial.Read(at, data); err != nil {
			t.Fatal(err)
		}
	}
	return serialSize / time.Since(start).Seconds()
}

// measureDump copies memory to a file.
func measureDump(t *testing.T, mrrs int) float64 {
	c := mustDial(t, mrrs)
	defer c.Close()
	start := time.Now()
	_, err := dump.Write(t.Context(), filepath.Join(t.TempDir(), "ram"), dump.Options{
		Memory: c, Format: dump.Raw, Ranges: []transport.Range{{Start: bulkStart, Length: bulkSize}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return bulkSize / time.Since(start).Seconds()
}

// floodTags is how many reads the flood has in flight: as many as the client.
const floodTags = 28

// measureFlood sends the same requests without a client: as many as the tags
// at first, and one more for each that is answered, in turn. Nothing is done
// with the answers but to count bytes.
func measureFlood(t *testing.T, mrrs int) float64 {
	tags := min(floodTags, nettlp.DefaultWindow/mrrs)
	var sockets []*Socket
	for tag := range tags {
		s, err := DialSocket(ownAddress, adapterAddress, uint8(tag))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := unix.SetsockoptInt(s.fd, unix.SOL_UDP, unix.UDP_GRO, 1); err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, s)
	}
	completions := mrrs / 256
	wanted, buffer := mrrs+completions*(tlp.HeaderSize+12), make([]byte, 64<<10)
	start := time.Now()
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
	return bulkSize / time.Since(start).Seconds()
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
