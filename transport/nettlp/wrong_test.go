package nettlp

// wrongConversations have a datagram that does not answer the request before
// the one that does.
var wrongConversations = []conversation{
	{
		name:  "another tag",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 04  1b 00 01 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongTag = 1, 1, 4, 1 },
	}, {
		name:  "another requester",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 04  1c 00 00 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongRequester = 1, 1, 4, 1 },
	}, {
		name:  "another requester's error",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  0a 00 00 00  00 00 20 04  1c 00 00 00"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongRequester = 1, 1, 4, 1 },
	}, {
		name:  "another lower address",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 04  1b 00 00 04  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongPlace = 1, 1, 4, 1 },
	}, {
		name:  "a byte count above the length",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 08  1b 00 00 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongPlace = 1, 1, 4, 1 },
	}, {
		name:  "a byte count of 4096",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 00  1b 00 00 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongPlace = 1, 1, 4, 1 },
	}, {
		name:  "more dwords than bytes are wanted",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 02  00 00 00 04  1b 00 00 00  ee*8"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "a datagram shorter than its TLP",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 02  00 00 00 04  1b 00 00 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "a datagram longer than its TLP",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  ee*8"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "a datagram that ends in its header",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 0000"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "a TLP that ends in its header",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "poisoned data",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 40 01  00 00 00 04  1b 00 00 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "success without data",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  0a 00 00 00  00 00 00 04  1b 00 00 00"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.Malformed = 1, 1, 4, 1 },
	}, {
		name:  "a memory read",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.OtherKind = 1, 1, 4, 1 },
	}, {
		name:  "a memory write",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  40 00 00 01  1b 00 00 0f  00 00 10 00  ee ee ee ee"},
			{0, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.OtherKind = 1, 1, 4, 1 },
	}, {
		name:  "data that ends inside a line",
		reads: []wanted{{address: 0x1000, data: "11*64 22*64"}},
		steps: []step{{0, "0000 00000000  00 00 00 20  1b 00 00 ff  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 08  00 00 00 80  1b 00 00 00  11*32"},
			{0, "0001 00000000  4a 00 00 10  00 00 00 80  1b 00 00 00  11*64"},
			{0, "0002 00000000  4a 00 00 10  00 00 00 40  1b 00 00 40  22*64"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Discarded.WrongLength = 1, 2, 128, 1 },
	}, {
		name:  "a number from before the request",
		tags:  1,
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}, {address: 0x2000, data: "55 66 77 88"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
				{0, "0005 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"}}},
			{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 20 00", []vector{
				{0, "0004 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  ee ee ee ee"},
				{0, "0005 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  11 22 33 44"},
				{0, "0006 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  55 66 77 88"}}}},
		count: func(s *Stats) {
			s.Requests, s.Completions, s.Bytes, s.Duplicates = 2, 2, 8, 1
			s.Discarded.Stale = 1
		},
	},
}
