package image_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/image"
	"github.com/barescope/barescope/transport/record"
)

// taken is one read of a recording: data, or an outcome for a length.
type taken struct {
	at      transport.Address
	data    string
	outcome transport.Outcome
	length  int
}

type answers []taken

func (a answers) ReadPhysical(_ context.Context, reads []transport.Read) error {
	for i := range reads {
		reads[i].Outcome = a[i].outcome
		copy(reads[i].Data, a[i].data)
	}
	return nil
}

// recording returns a recording of reads, in order.
func recording(t *testing.T, all ...taken) []byte {
	t.Helper()
	reads := make([]transport.Read, len(all))
	for i := range all {
		if all[i].length == 0 {
			all[i].length, all[i].outcome = len(all[i].data), transport.Success
		}
		reads[i] = transport.Read{Address: all[i].at, Data: make([]byte, all[i].length)}
	}
	var file bytes.Buffer
	r, err := record.New(answers(all), &file, record.Header{Target: "nettlp://192.168.10.1"})
	if err == nil {
		err = errors.Join(r.ReadPhysical(context.Background(), reads), r.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func replay(t *testing.T, file []byte) *image.Replay {
	t.Helper()
	m, err := image.NewReplay(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func line(b string) string { return string(bytes.Repeat([]byte(b), 64)) }

func TestReplayMoves(t *testing.T) {
	m := replay(t, recording(t,
		taken{at: 0x1000, data: line("a") + line("b")},
		taken{at: 0x5000, data: "other"},
		taken{at: 0x1000, data: line("c")},
		taken{at: 0x1000, data: line("d")}))
	for _, want := range []string{"a", "c", "d", "d", "d"} {
		check(t, m, 0x1008, 4, bytes.Repeat([]byte(want), 4))
	}
	for range 2 { // another line of the same page, read once
		check(t, m, 0x1040, 64, []byte(line("b")))
	}
	check(t, m, 0x103e, 4, []byte("ddbb"))
}

// TestReplayOtherReads asks in other pieces than were recorded.
func TestReplayOtherReads(t *testing.T) {
	m := replay(t, recording(t,
		taken{at: 0xffe, data: "abcd"},
		taken{at: 0x1002, data: "ef"},
		taken{at: 0x2000, data: line("x") + line("y") + line("z")}))
	check(t, m, 0xfff, 2, []byte("bc"))
	check(t, m, 0xffe, 6, []byte("abcdef"))
	check(t, m, 0x1002, 2, []byte("ef"))
	check(t, m, 0x1001, 1, []byte("d"))
	check(t, m, 0x2020, 128, []byte((line("x") + line("y") + line("z"))[0x20:0xa0]))
	check(t, m, 0xffd, 2, nil)
	check(t, m, 0x1003, 2, nil)
	check(t, m, 0x9000, 1, nil)
	check(t, m, ^transport.Address(0), 2, nil)
	want := []transport.Range{{Start: 0xffe, Length: 6}, {Start: 0x2000, Length: 192}}
	if diff := cmp.Diff(want, m.Extent()); diff != "" {
		t.Error(diff)
	}
}

func TestReplayOutcomes(t *testing.T) {
	m := replay(t, recording(t,
		taken{at: 0x1000, outcome: transport.Timeout, length: 128},
		taken{at: 0x1000, data: line("a")},
		taken{at: 0x1080, outcome: transport.UnsupportedRequest, length: 64}))
	ranges := []transport.Range{{Start: 0x1000, Length: 8}, {Start: 0x1000, Length: 8}, {Start: 0x1000, Length: 128}, {Start: 0x1080, Length: 1}}
	var got []transport.Outcome
	for _, r := range readAll(t, m, ranges...) {
		got = append(got, r.Outcome)
	}
	want := []transport.Outcome{transport.Timeout, transport.Success, transport.Timeout, transport.UnsupportedRequest}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReplayTruncated(t *testing.T) {
	file := recording(t, taken{at: 0x1000, data: "abcd"})
	whole, cut := replay(t, file), replay(t, file[:len(file)-4])
	if whole.Truncated() || !cut.Truncated() {
		t.Errorf("truncated: %v and %v", whole.Truncated(), cut.Truncated())
	}
	check(t, cut, 0x1000, 4, []byte("abcd"))
	if got := cut.Header().Target; got != "nettlp://192.168.10.1" {
		t.Errorf("header has the target %q", got)
	}
}

func TestOpenReplay(t *testing.T) {
	path := filepath.Join(t.TempDir(), "session")
	if _, err := image.OpenReplay(path); !errors.Is(err, transport.ErrBadTarget) {
		t.Errorf("missing file: %v", err)
	}
	if err := os.WriteFile(path, recording(t, taken{at: 0x1000, data: "abcd"}), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := image.OpenReplay(path)
	if err != nil {
		t.Fatal(err)
	}
	check(t, m, 0x1000, 4, []byte("abcd"))
	if err := os.WriteFile(path, []byte("memory"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := image.OpenReplay(path); !errors.Is(err, transport.ErrBadTarget) {
		t.Errorf("no recording: %v", err)
	}
}

// TestReplayBomb opens a small file that covers more than may be kept.
func TestReplayBomb(t *testing.T) {
	failed := binary.AppendUvarint([]byte{7, 0}, 1<<20)
	body := append([]byte("\x02{}"), bytes.Repeat(failed, 4096)...)
	file := compressed(t, body)
	if m, err := image.NewReplay(bytes.NewReader(file)); m != nil || !errors.Is(err, transport.ErrBadTarget) {
		t.Errorf("%d bytes: %v, %v", len(file), m, err)
	}
}

// compressed returns a recording of this content.
func compressed(t testing.TB, body []byte) []byte {
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer encoder.Close()
	return encoder.EncodeAll(body, []byte("BSCPREC\x01"))
}

// FuzzReplay reads all that a recording says it has, and around it.
func FuzzReplay(f *testing.F) {
	f.Add([]byte("\x02{}\x01\x80\x20\x02ab\x07\x80\x80\x04\x80\x40\x00\x02"))
	f.Add([]byte("\x02{}\x01\xff\x1f\x02ab\x01\x80\x20\x03cde\x05\x80\x20\x02"))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := image.NewReplay(bytes.NewReader(compressed(t, body)))
		if err != nil {
			if m != nil || !errors.Is(err, transport.ErrBadTarget) {
				t.Errorf("got %v, %v", m, err)
			}
			return
		}
		for _, r := range m.Extent() {
			around := transport.Range{Start: r.Start - 1, Length: r.Length + 1}
			got := readAll(t, m, r, around)
			if got[0].Outcome == transport.NotRead {
				t.Errorf("%s was not answered", r)
			}
			if got[1].Outcome == transport.Success {
				t.Errorf("%s: read beyond the recording", around)
			}
		}
	})
}
