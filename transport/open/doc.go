// Package open makes a [Target] from a URL: it opens the link or the image
// that the URL names and puts the middleware before it.
//
//	nettlp://192.168.10.1?requester=1b:00   a live machine behind an adapter
//	file:///path                            an image: raw, LiME or ELF core
//	replay:///path                          what --record has recorded
//
// From below: link or image, record, meter, guard, cache. What is recorded
// and counted is thereby what was really asked of the target.
package open
