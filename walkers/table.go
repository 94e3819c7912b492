package walkers

// ColumnType says what the values of a column are.
type ColumnType uint8

const (
	// Integer values are int64.
	Integer ColumnType = iota
	// Unsigned values are uint64.
	Unsigned
	// Boolean values are bool.
	Boolean
	// Text values are string: bytes as the target has them, of any content.
	Text
	// Pointer values are [oracle.Address].
	Pointer
	// PhysicalAddress values are [transport.Address].
	PhysicalAddress
	// Time values are [time.Time] in UTC.
	Time
	// TextList values are []string.
	TextList
)

// Table declares what a walker yields. It is the same for every kernel.
type Table struct {
	// Name is plural and lower case: "processes".
	Name string
	// Description is one sentence.
	Description string
	// Columns in the order of a Row's values.
	Columns []Column
	// Arguments that the walker takes.
	Arguments []Argument
}

// Column declares one column.
type Column struct {
	// Name is lower case, words joined by underscores.
	Name string
	Type ColumnType
	// Description is one phrase, with the unit.
	Description string
	// Wide columns are left out of a table on a terminal unless asked for.
	Wide bool
}

// Argument declares a switch that changes what a walker yields.
type Argument struct {
	Name        string
	Description string
}

// Index returns the position of the column of that name, or -1.
func (t *Table) Index(column string) int {
	for i := range t.Columns {
		if t.Columns[i].Name == column {
			return i
		}
	}
	return -1
}
