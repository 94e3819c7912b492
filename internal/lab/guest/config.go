package guest

import (
	"encoding/json"
	"fmt"
	"os"
)

// Where things are in the guest's initramfs.
const (
	// ProgramPath is the program itself.
	ProgramPath = "/bin/barescope"
	// ConfigPath is the [Config] as JSON.
	ConfigPath = "/lab/config.json"
	// ModuleDir and ImageDir hold the modules and the disk images that the
	// configuration names.
	ModuleDir = "/lab/modules"
	ImageDir  = "/lab/images"
)

// Config says what the guest has.
type Config struct {
	// Modules are file names in ModuleDir, in load order.
	Modules []string
	// Modular says that the kernel's modules are there: what needs one
	// must then work. Without it, the workload does only what every
	// kernel can.
	Modular bool
}

func readConfig() (Config, error) {
	var c Config
	data, err := os.ReadFile(ConfigPath)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, fmt.Errorf("%s: %w", ConfigPath, err)
	}
	return c, nil
}
