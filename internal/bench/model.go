package bench

import (
	"github.com/barescope/barescope/internal/kc705"
)

// modelLink is a card of package kc705 as the baseline uses it: whoever asks
// waits for what comes to the port of the tag.
type modelLink struct {
	card  *kc705.Card
	ports [256]chan []byte
}

// newModelLink takes a card over, for tags from 0 on.
func newModelLink(card *kc705.Card, tags int) *modelLink {
	l := &modelLink{card: card}
	for tag := range tags {
		// A read of a page comes in 64 completions at most, and there
		// is one read.
		l.ports[tag] = make(chan []byte, 64)
	}
	card.Listen(l)
	return l
}

// Exchange implements Exchanger. The model loses nothing that is asked for one
// at a time.
func (l *modelLink) Exchange(tag uint8, request []byte, take func([]byte) bool) error {
	if err := l.card.Send(tag, request); err != nil {
		return err
	}
	for !take(<-l.ports[tag]) {
	}
	return nil
}

// Receive implements nettlp.Receiver. The card hands over one datagram at a
// time, and does not use it again.
func (l *modelLink) Receive(tag uint8, datagram []byte, _ int) { l.ports[tag] <- datagram }

// Refused implements nettlp.Receiver.
func (l *modelLink) Refused(uint8) {}
