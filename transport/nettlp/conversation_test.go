package nettlp

import "github.com/barescope/barescope/transport"

// plainConversations are reads that all goes well with.
var plainConversations = []conversation{
	{
		name:  "one dword",
		reads: []wanted{{address: 0x1000, data: "de ad be ef"}},
		steps: []step{{0, `
			0000 00000000  -- NetTLP header: nothing
			00 00 00 01    -- fmt 000 (3DW, no data), type 00000; length 1
			1b 00 00 0f    -- requester 1b:00.0; tag 0; last BE 0000, first BE 1111
			00 00 10 00`, []vector{{0, `
			0007 00000001  -- sequence number 7
			4a 00 00 01    -- fmt 010 (3DW, data), type 01010; length 1
			00 00 00 04    -- status 000; byte count 4
			1b 00 00 00    -- requester; tag; lower address
			de ad be ef`}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 1, 4 },
	}, {
		name:  "two bytes inside a dword",
		reads: []wanted{{address: 0x1001, data: "ad be"}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 06  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 02  1b 00 00 01  00 ad be 00"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 1, 2 },
	}, {
		name:  "head and tail in two dwords",
		reads: []wanted{{address: 0x1003, data: "aa bb"}},
		steps: []step{{0, "0000 00000000  00 00 00 02  1b 00 00 18  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 02  00 00 00 02  1b 00 00 03  77 77 77 aa  bb 77 77 77"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 1, 2 },
	}, {
		name:  "four dword header from 4 GiB on",
		reads: []wanted{{address: 0x1_2345_6780, data: "01 02 03 04"}},
		steps: []step{{0, "0000 00000000  20 00 00 01  1b 00 00 0f  00 00 00 01  23 45 67 80", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 04  1b 00 00 00  01 02 03 04"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 1, 4 },
	}, {
		name:  "length 0 and byte count 0 for a page",
		mrrs:  4096,
		reads: []wanted{{address: 0x3000, data: "33*2048 44*2048"}},
		steps: []step{{0, "0000 00000000  00 00 00 00  1b 00 00 ff  00 00 30 00", []vector{
			{0, "0000 00000000  4a 00 02 00  00 00 00 00  1b 00 00 00  33*2048"},
			{0, "0001 00000000  4a 00 02 00  00 00 08 00  1b 00 00 00  44*2048"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 2, 4096 },
	}, {
		name:  "a page in one completion",
		mrrs:  4096,
		reads: []wanted{{address: 0x3000, data: "33*4096"}},
		steps: []step{{0, "0000 00000000  00 00 00 00  1b 00 00 ff  00 00 30 00", []vector{
			{0, "0000 00000000  4a 00 00 00  00 00 00 00  1b 00 00 00  33*4096"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 1, 4096 },
	}, {
		name:  "no request crosses a page",
		mrrs:  4096,
		reads: []wanted{{address: 0x1ffe, data: "11 22 33 44"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 01  1b 00 00 0c  00 00 1f fc", []vector{
				{0, "0000 00000000  4a 00 00 01  00 00 00 02  1b 00 00 7e  00 00 11 22"}}},
			{1, "0000 00000000  00 00 00 01  1b 00 01 03  00 00 20 00", []vector{
				{1, "0001 00000000  4a 00 00 01  00 00 00 02  1b 00 01 00  33 44 00 00"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 2, 2, 4 },
	}, {
		name:  "no request is longer than MRRS",
		mrrs:  128,
		reads: []wanted{{address: 0x1040, data: "11*128 22*64"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 20  1b 00 00 ff  00 00 10 40", []vector{
				{0, "0000 00000000  4a 00 00 10  00 00 00 80  1b 00 00 40  11*64"},
				{0, "0001 00000000  4a 00 00 10  00 00 00 40  1b 00 00 00  11*64"}}},
			{1, "0000 00000000  00 00 00 10  1b 00 01 ff  00 00 10 c0", []vector{
				{1, "0002 00000000  4a 00 00 10  00 00 00 40  1b 00 01 40  22*64"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 2, 3, 192 },
	},
}

// splitConversations have more than one completion for a request.
var splitConversations = []conversation{
	{
		name:  "in address order",
		reads: []wanted{{address: 0x1000, data: "11*64 22*64"}},
		steps: []step{{0, "0000 00000000  00 00 00 20  1b 00 00 ff  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 10  00 00 00 80  1b 00 00 00  11*64"},
			{0, "0001 00000000  4a 00 00 10  00 00 00 40  1b 00 00 40  22*64"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 2, 128 },
	}, {
		name:  "reordered by the network",
		reads: []wanted{{address: 0x1000, data: "11*64 22*64 33*64"}},
		steps: []step{{0, "0000 00000000  00 00 00 30  1b 00 00 ff  00 00 10 00", []vector{
			{0, "ffff 00000000  4a 00 00 10  00 00 00 80  1b 00 00 40  22*64"},
			{0, "0000 00000000  4a 00 00 10  00 00 00 40  1b 00 00 00  33*64"},
			{0, "fffe 00000000  4a 00 00 10  00 00 00 c0  1b 00 00 00  11*64"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 3, 192 },
	}, {
		name:  "duplicated by the network",
		reads: []wanted{{address: 0x1000, data: "11*64 22*64"}},
		steps: []step{{0, "0000 00000000  00 00 00 20  1b 00 00 ff  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 10  00 00 00 80  1b 00 00 00  11*64"},
			{0, "0000 00000000  4a 00 00 10  00 00 00 80  1b 00 00 00  ee*64"},
			{0, "0001 00000000  4a 00 00 10  00 00 00 40  1b 00 00 40  22*64"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes, s.Duplicates = 1, 2, 128, 1 },
	}, {
		name:  "unaligned at both ends",
		reads: []wanted{{address: 0x103e, data: "0a 0b 22*64 0c"}},
		steps: []step{{0, "0000 00000000  00 00 00 12  1b 00 00 1c  00 00 10 3c", []vector{
			{0, "0000 00000000  4a 00 00 01  00 00 00 43  1b 00 00 3e  ee ee 0a 0b"},
			{0, "0001 00000000  4a 00 00 10  00 00 00 41  1b 00 00 40  22*64"},
			{0, "0002 00000000  4a 00 00 01  00 00 00 01  1b 00 00 00  0c ee ee ee"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 3, 67 },
	}, {
		name:  "of different sizes",
		reads: []wanted{{address: 0x1000, data: "11*128 22*64"}},
		steps: []step{{0, "0000 00000000  00 00 00 30  1b 00 00 ff  00 00 10 00", []vector{
			{0, "0000 00000000  4a 00 00 20  00 00 00 c0  1b 00 00 00  11*128"},
			{0, "0001 00000000  4a 00 00 10  00 00 00 40  1b 00 00 00  22*64"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 1, 2, 192 },
	},
}

// lossConversations lack something that then has to be asked for again, with
// whichever tag.
var lossConversations = []conversation{
	{
		name:  "the first piece is lost, and only that asked for again",
		reads: []wanted{{address: 0x1000, data: "11*64 22*64"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 20  1b 00 00 ff  00 00 10 00", []vector{
				{0, "0001 00000000  4a 00 00 10  00 00 00 40  1b 00 00 40  22*64"}}},
			{anyTag, "0000 00000000  00 00 00 10  1b 00 TT ff  00 00 10 00", []vector{
				{anyTag, "0002 00000000  4a 00 00 10  00 00 00 40  1b 00 TT 00  11*64"}}}},
	}, {
		name:  "the last piece is lost",
		reads: []wanted{{address: 0x1001, data: "11*63 22*62"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 20  1b 00 00 3e  00 00 10 00", []vector{
				{0, "0001 00000000  4a 00 00 10  00 00 00 7d  1b 00 00 01  00 11*63"}}},
			{1, "0000 00000000  00 00 00 10  1b 00 01 3f  00 00 10 40", nil},
			{anyTag, "0000 00000000  00 00 00 10  1b 00 TT 3f  00 00 10 40", []vector{
				{anyTag, "0003 00000000  4a 00 00 10  00 00 00 3e  1b 00 TT 40  22*62 00 00"}}}},
	}, {
		name:  "the request is lost",
		reads: []wanted{{address: 0x1000, data: "11 22 33 44"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", nil},
			{anyTag, "0000 00000000  00 00 00 01  1b 00 TT 0f  00 00 10 00", []vector{
				{anyTag, "0001 00000000  4a 00 00 01  00 00 00 04  1b 00 TT 00  11 22 33 44"}}}},
	},
}

// errorConversations end with a completion without data. None is repeated.
var errorConversations = []conversation{
	{
		name:  "unsupported request",
		reads: []wanted{{address: 0x1000, data: "00*4", outcome: transport.UnsupportedRequest}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  0a 00 00 00  00 00 20 04  1b 00 00 00"}}}},
		count: func(s *Stats) { s.Requests, s.Completions = 1, 1 },
	}, {
		name:  "completer abort",
		reads: []wanted{{address: 0x1000, data: "00*4", outcome: transport.CompleterAbort}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  0a 00 00 00  00 00 80 04  1b 00 00 00"}}}},
		count: func(s *Stats) { s.Requests, s.Completions = 1, 1 },
	}, {
		name:  "configuration retry",
		reads: []wanted{{address: 0x1000, data: "00*4", outcome: transport.ConfigurationRetry}},
		steps: []step{{0, "0000 00000000  00 00 00 01  1b 00 00 0f  00 00 10 00", []vector{
			{0, "0000 00000000  0a 00 00 00  00 00 40 04  1b 00 00 00"}}}},
		count: func(s *Stats) { s.Requests, s.Completions = 1, 1 },
	}, {
		name: "unsupported request behind data, and another read that succeeds",
		reads: []wanted{
			{address: 0x1000, data: "00*128", outcome: transport.UnsupportedRequest},
			{address: 0x2000, data: "01 02 03 04"}},
		steps: []step{
			{0, "0000 00000000  00 00 00 20  1b 00 00 ff  00 00 10 00", []vector{
				{0, "0000 00000000  4a 00 00 10  00 00 00 80  1b 00 00 00  11*64"},
				{0, "0001 00000000  0a 00 00 00  00 00 20 40  1b 00 00 00"}}},
			{1, "0000 00000000  00 00 00 01  1b 00 01 0f  00 00 20 00", []vector{
				{1, "0002 00000000  4a 00 00 01  00 00 00 04  1b 00 01 00  01 02 03 04"}}}},
		count: func(s *Stats) { s.Requests, s.Completions, s.Bytes = 2, 3, 68 },
	},
}
