package wire

// Operation is what a request asks for.
type Operation string

const (
	// Run carries out Command with the guest's shell.
	Run Operation = "run"
	// Spawn starts Count sleeping processes.
	Spawn Operation = "spawn"
	// Prepare sets up a buffer for a snapshot, answered with its Pages.
	Prepare Operation = "prepare"
	// Collect fills the buffer with a header and a snapshot. The answer
	// only says that it is there: the host reads it out of RAM.
	Collect Operation = "collect"
	// Panic makes the kernel panic. There is no answer.
	Panic Operation = "panic"
)

// Request is a message from the host.
type Request struct {
	// ID is repeated in the answer. Requests are carried out as they come,
	// each by itself, so answers can overtake each other. IDs start at 1.
	ID        uint64    `json:"id"`
	Operation Operation `json:"operation"`
	Command   string    `json:"command,omitempty"`
	Count     int       `json:"count,omitempty"`
	// ThenPanic makes the kernel panic right after a Collect.
	ThenPanic bool `json:"then_panic,omitempty"`
}

// Reply is a message from the guest. The one with ID 0 comes unasked, when the
// guest is ready, or cannot become so, which Error says then.
type Reply struct {
	ID uint64 `json:"id"`
	// Error says why the request was not carried out.
	Error string `json:"error,omitempty"`
	// Output of a command, both its standard output and standard error.
	Output []byte `json:"output,omitempty"`
	// Status is a command's exit status.
	Status int `json:"status,omitempty"`
	// Pages of the buffer, in its order.
	Pages []PageRun `json:"pages,omitempty"`
}

// PageRun is a run of consecutive physical pages.
type PageRun struct {
	// Frame is the number of the first page.
	Frame uint64 `json:"frame"`
	Count uint64 `json:"count"`
}
