package record_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/record"
)

// script answers reads with outcomes in turn; successful ones with the bytes
// of their number.
type script struct {
	outcomes []transport.Outcome
	err      error
	count    byte
}

func (s *script) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		s.count++
		reads[i].Outcome = s.outcomes[int(s.count)-1]
		for j := range reads[i].Data {
			reads[i].Data[j] = s.count
		}
	}
	return s.err
}

var header = record.Header{
	Version: "v1", Target: "nettlp://192.168.10.1",
	Started: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
}

// sample records two batches with every outcome.
func sample(t testing.TB) []byte {
	t.Helper()
	m := &script{outcomes: []transport.Outcome{transport.Success, transport.UnsupportedRequest, transport.NotRead,
		transport.CompleterAbort, transport.ConfigurationRetry, transport.Timeout, transport.Forbidden, transport.Absent,
		transport.Success}}
	var file bytes.Buffer
	r, err := record.New(m, &file, header)
	if err != nil {
		t.Fatal(err)
	}
	reads := []transport.Read{{Address: 0x1000, Data: make([]byte, 8)}}
	for i := range transport.Address(7) {
		reads = append(reads, transport.Read{Address: 0x2000 + i, Data: make([]byte, 1)})
	}
	high := []transport.Read{{Address: 1 << 32, Data: make([]byte, 3)}}
	for _, batch := range [][]transport.Read{reads, high} {
		if err := r.ReadPhysical(context.Background(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func sampleEntries() []record.Entry {
	failed := func(at transport.Address, outcome transport.Outcome) record.Entry {
		return record.Entry{Address: at, Length: 1, Outcome: outcome}
	}
	return []record.Entry{
		{Address: 0x1000, Length: 8, Outcome: transport.Success, Data: bytes.Repeat([]byte{1}, 8)},
		failed(0x2000, transport.UnsupportedRequest),
		failed(0x2002, transport.CompleterAbort),
		failed(0x2003, transport.ConfigurationRetry),
		failed(0x2004, transport.Timeout),
		failed(0x2005, transport.Forbidden),
		failed(0x2006, transport.Absent),
		{Address: 1 << 32, Length: 3, Outcome: transport.Success, Data: bytes.Repeat([]byte{9}, 3)},
	}
}

// entries reads a recording to its end or first error.
func entries(t testing.TB, file []byte) ([]record.Entry, error) {
	t.Helper()
	r, err := record.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []record.Entry
	for {
		e, err := r.Next()
		if err != nil {
			if _, again := r.Next(); again != err {
				t.Errorf("error %v became %v", err, again)
			}
			return all, err
		}
		all = append(all, e)
	}
}

func TestRoundTrip(t *testing.T) {
	file := sample(t)
	got, err := entries(t, file)
	if diff := cmp.Diff(sampleEntries(), got); diff != "" || err != io.EOF {
		t.Error(diff, err)
	}
	r, err := record.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if diff := cmp.Diff(header, r.Header()); diff != "" {
		t.Error(diff)
	}
}

// TestLongRead has entries of bounded length, whatever the read was.
func TestLongRead(t *testing.T) {
	var file bytes.Buffer
	r, err := record.New(&script{outcomes: []transport.Outcome{transport.Success}}, &file, header)
	if err != nil {
		t.Fatal(err)
	}
	reads := []transport.Read{{Address: 1 << 32, Data: make([]byte, 1<<20+3)}}
	if err := errors.Join(r.ReadPhysical(context.Background(), reads), r.Close()); err != nil {
		t.Fatal(err)
	}
	got, err := entries(t, file.Bytes())
	if err != io.EOF || len(got) != 2 {
		t.Fatalf("%d entries, %v", len(got), err)
	}
	want := []transport.Range{{Start: 1 << 32, Length: 1 << 20}, {Start: 1<<32 + 1<<20, Length: 3}}
	if diff := cmp.Diff(want, []transport.Range{got[0].Range(), got[1].Range()}); diff != "" {
		t.Error(diff)
	}
	if data := bytes.Repeat([]byte{1}, 1<<20); !bytes.Equal(got[0].Data, data) || !bytes.Equal(got[1].Data, data[:3]) {
		t.Error("other data")
	}
}

// TestTruncated cuts a recording everywhere: what comes out is the start of
// what went in, and it says that it is not all.
func TestTruncated(t *testing.T) {
	file, want := sample(t), sampleEntries()
	most := 0
	for n := range file {
		got, err := entries(t, file[:n])
		if !errors.Is(err, record.ErrTruncated) && !errors.Is(err, transport.ErrBadTarget) {
			t.Fatalf("cut at %d of %d: %v", n, len(file), err)
		}
		if len(got) > 0 && !errors.Is(err, record.ErrTruncated) {
			t.Errorf("cut at %d of %d: %d entries, then %v", n, len(file), len(got), err)
		}
		if len(got) > len(want) || !cmp.Equal(want[:len(got)], got) && len(got) > 0 {
			t.Fatalf("cut at %d: other entries", n)
		}
		most = max(most, len(got))
	}
	if most != len(want) {
		t.Errorf("at most %d entries of %d before the end", most, len(want))
	}
}

// TestKilled never closes the recorder: each batch is in the file once it was
// read.
func TestKilled(t *testing.T) {
	var file bytes.Buffer
	r, err := record.New(&script{outcomes: []transport.Outcome{transport.Success, transport.Success}}, &file, header)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		reads := []transport.Read{{Address: transport.Address(i) * 64, Data: make([]byte, 64)}}
		if err := r.ReadPhysical(context.Background(), reads); err != nil {
			t.Fatal(err)
		}
		if got, err := entries(t, file.Bytes()); len(got) != i+1 || !errors.Is(err, record.ErrTruncated) {
			t.Errorf("after batch %d: %d entries, %v", i, len(got), err)
		}
	}
}

// byHand compresses a recording that was written by hand.
func byHand(body string) []byte {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err) // options are constant
	}
	return encoder.EncodeAll([]byte(body), []byte("BSCPREC\x01"))
}

// TestByHand reads a file that was written from the description of the format.
func TestByHand(t *testing.T) {
	file := byHand("\x12" + `{"version":"v0.1"}` + "\x01\x80\x20\x02ab" + "\x07\x80\x80\x04\x80\x40" + "\x00\x02")
	want := []record.Entry{
		{Address: 0x1000, Length: 2, Outcome: transport.Success, Data: []byte("ab")},
		{Address: 0x10000, Length: 0x2000, Outcome: transport.Absent},
	}
	got, err := entries(t, file)
	if diff := cmp.Diff(want, got); diff != "" || err != io.EOF {
		t.Error(diff, err)
	}
}

func TestDamaged(t *testing.T) {
	long := string(binary.AppendUvarint(nil, 1<<20+1))
	top := string(binary.AppendUvarint(nil, ^uint64(0)))
	for name, tc := range map[string]struct {
		file []byte
		want string
	}{
		"empty":          {nil, "bad target: file is no recording"},
		"other file":     {[]byte("\x7fELF\x02\x01\x01\x00\x00"), "bad target: file is no recording"},
		"version":        {[]byte("BSCPREC\x02"), "bad target: recording has version 2, only 1 is understood"},
		"no header":      {byHand(""), "bad target: header of the recording: EOF"},
		"long header":    {byHand("\xff\xff\x7f{}"), "bad target: header of the recording: 2097151 bytes are too many"},
		"odd header":     {byHand("\x02[]"), "bad target: header of the recording: json: cannot unmarshal array into Go value of type record.Header"},
		"unknown code":   {byHand("\x02{}\x08\x00\x01"), "bad target: recording: entry 0 has code 8"},
		"empty entry":    {byHand("\x02{}\x07\x00\x00"), "bad target: recording: entry 0 has 0 bytes at 0x0"},
		"long entry":     {byHand("\x02{}\x07\x00" + long), "bad target: recording: entry 0 has 1048577 bytes at 0x0"},
		"wrapping entry": {byHand("\x02{}\x07" + top + "\x02"), "bad target: recording: entry 0 has 2 bytes at 0xffffffffffffffff"},
		"early end":      {byHand("\x02{}\x00\x01"), "bad target: recording: 0 entries where there should be 1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := entries(t, tc.file)
			if !errors.Is(err, transport.ErrBadTarget) || err.Error() != tc.want {
				t.Errorf("error is %q, want %q", err, tc.want)
			}
		})
	}
}

// TestFlippedBit damages a recording: it must not be taken for a sound one.
func TestFlippedBit(t *testing.T) {
	for _, at := range []int{9, 20, 60} {
		file := sample(t)
		file[at] ^= 0x10
		if got, err := entries(t, file); err == io.EOF && cmp.Equal(got, sampleEntries()) {
			t.Errorf("bit at %d went unnoticed", at)
		} else if err == nil {
			t.Errorf("bit at %d: no error at all", at)
		}
	}
}

type brokenWriter struct{ full bool }

var errFull = errors.New("disk is full")

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.full {
		return 0, errFull
	}
	return len(b), nil
}

// TestDiskFull goes on reading and says at the end that the recording failed.
func TestDiskFull(t *testing.T) {
	if _, err := record.New(&script{}, &brokenWriter{full: true}, header); !errors.Is(err, errFull) {
		t.Errorf("starting: %v", err)
	}
	w := &brokenWriter{}
	r, err := record.New(&script{outcomes: []transport.Outcome{transport.Success}}, w, header)
	if err != nil {
		t.Fatal(err)
	}
	w.full = true
	reads := []transport.Read{{Data: make([]byte, 8)}}
	if err := r.ReadPhysical(context.Background(), reads); err != nil || reads[0].Outcome != transport.Success {
		t.Errorf("reading: %v, %v", reads[0].Outcome, err)
	}
	w.full = false // there is room again, but a hole in the recording
	if err := r.Close(); !errors.Is(err, errFull) {
		t.Errorf("closing: %v", err)
	}
}

func TestErrorBelow(t *testing.T) {
	var file bytes.Buffer
	m := &script{outcomes: []transport.Outcome{transport.Success, transport.NotRead}, err: transport.ErrNoLink}
	r, err := record.New(m, &file, header)
	if err != nil {
		t.Fatal(err)
	}
	reads := []transport.Read{{Data: make([]byte, 1)}, {Data: make([]byte, 1)}}
	if err := r.ReadPhysical(context.Background(), reads); !errors.Is(err, transport.ErrNoLink) {
		t.Errorf("error is %v", err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if got, err := entries(t, file.Bytes()); len(got) != 1 || err != io.EOF {
		t.Errorf("%d entries, %v", len(got), err)
	}
}

func FuzzReader(f *testing.F) {
	f.Add(byHand("\x02{}\x01\x80\x20\x02ab\x07\x80\x80\x04\x80\x40\x00\x02"))
	f.Add(byHand("\x02{}\x07\x00\x01"))
	f.Add([]byte("BSCPREC\x01"))
	f.Fuzz(func(t *testing.T, file []byte) {
		all, err := entries(t, file)
		if err == nil {
			t.Error("no end")
		}
		for _, e := range all {
			if e.Length == 0 || (e.Outcome == transport.Success) != (uint64(len(e.Data)) == e.Length) || e.Outcome == transport.NotRead {
				t.Errorf("entry %+v", e)
			}
		}
	})
}

// FuzzEntries is FuzzReader behind the compression, which hides most of what
// it tries.
func FuzzEntries(f *testing.F) {
	f.Add([]byte("\x02{}\x01\x80\x20\x02ab\x07\x80\x80\x04\x80\x40\x00\x02"))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := entries(t, byHand(string(body))); err == nil {
			t.Error("no end")
		}
	})
}
