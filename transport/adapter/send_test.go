package adapter

import "testing"

func TestSegments(t *testing.T) {
	sized := func(socket int, sizes ...int) []datagram {
		var q []datagram
		end := 0
		for _, size := range sizes {
			q = append(q, datagram{socket: socket, start: end, end: end + size})
			end += size
		}
		return q
	}
	many := sized(0, make([]int, 100)...)
	for i := range many {
		many[i] = datagram{start: 10 * i, end: 10*i + 10}
	}
	large := sized(0, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114, 4114)
	apart := sized(0, 10, 10)
	apart[1].start, apart[1].end = 20, 30
	for _, test := range []struct {
		name  string
		queue []datagram
		want  int
	}{
		{"one", sized(0, 10), 1},
		{"equal", sized(0, 10, 10, 10), 3},
		{"the last is shorter", sized(0, 10, 10, 4), 3},
		{"one behind a shorter one", sized(0, 10, 4, 4), 2},
		{"the second is longer", sized(0, 4, 10, 10), 1},
		{"another port", append(sized(0, 10), datagram{socket: 1, start: 10, end: 20}), 1},
		{"not one behind the other", apart, 1},
		{"a duplicate", append(sized(0, 10), sized(0, 10)...), 1},
		{"more than the kernel takes", many, 64},
		{"more bytes than a packet has", large, 15},
	} {
		if got := segments(test.queue); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}
