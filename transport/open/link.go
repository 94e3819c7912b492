package open

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/barescope/barescope/transport"
	"github.com/barescope/barescope/transport/nettlp"
	"github.com/barescope/barescope/transport/tlp"
)

// resolveTimeout bounds the search for a host's address.
const resolveTimeout = 5 * time.Second

// link returns the options of the link that a nettlp URL describes. The error
// wraps [transport.ErrBadTarget]. What a value may be is for nettlp to say.
func (l location) link() (nettlp.Options, error) {
	var o nettlp.Options
	if l.path != "" && l.path != "/" {
		return o, fmt.Errorf("%w: nettlp:// takes no path, but there is %q", transport.ErrBadTarget, l.path)
	}
	for _, p := range []struct {
		name string
		set  func(string) error
	}{
		{"local", func(s string) (err error) { o.Local, err = netip.ParseAddr(s); return err }},
		{"requester", func(s string) (err error) { o.Requester, err = tlp.ParseID(s); return err }},
		{"timeout", func(s string) (err error) { o.Timeout, err = positive(time.ParseDuration(s)); return err }},
		{"tags", func(s string) (err error) { o.Tags, err = positive(strconv.Atoi(s)); return err }},
		{"mrrs", func(s string) (err error) { o.MRRS, err = positive(strconv.Atoi(s)); return err }},
		{"window", func(s string) (err error) { o.Window, err = positive(strconv.Atoi(s)); return err }},
		{"retries", func(s string) (err error) { o.Retries, err = retries(s); return err }},
	} {
		if err := l.parameter(p.name, p.set); err != nil {
			return nettlp.Options{}, err
		}
	}
	target, err := resolve(l.host)
	o.Target = target
	return o, err
}

// parameter hands over the value of a parameter, if there is one.
func (l location) parameter(name string, set func(string) error) error {
	value := l.parameters.Get(name)
	if value == "" {
		return nil
	}
	if err := set(value); err != nil {
		return fmt.Errorf("%w: parameter %s=%s: %w", transport.ErrBadTarget, name, value, err)
	}
	return nil
}

func positive[T int | time.Duration](v T, err error) (T, error) {
	if err == nil && v <= 0 {
		err = fmt.Errorf("%v is not positive", v)
	}
	return v, err
}

// retries says "never" as the link's options do: 0 stands for a default there.
func retries(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 8)
	if n == 0 {
		return -1, err
	}
	return int(n), err
}

// resolve returns the IPv4 address of a host; the card knows no other.
func resolve(host string) (netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil && address.Is4() {
		return address, nil
	}
	if _, _, err := net.SplitHostPort(host); err == nil || host == "" || host[0] == '[' {
		return netip.Addr{}, fmt.Errorf("%w: %q is neither an IPv4 address nor a name (ports are given by the protocol)",
			transport.ErrBadTarget, host)
	}
	ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("%w: %w", transport.ErrBadTarget, err)
	}
	return addresses[0].Unmap(), nil
}
