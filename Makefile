# Needs Go, apt, and root or sudo; everything else is installed when missing.
#
# `make test` has 90 minutes on two cores, and takes half of that with nothing in
# any cache, on processors that others use too:
#
#   packages to install                              2 minutes
#   lint      golangci-lint compiles in 90 s         5 minutes
#   fuzz      20 s a target, two at a time          10 minutes for 28 targets
#   unit      everything is compiled with -race      4 minutes
#   live      ten guests, one after the other       15 minutes, and downloads
#
# The last line printed is go test's own.

FUZZTIME    ?= 20s
FUZZ        ?= .
LIVETIMEOUT ?= 45m

STATICCHECK  := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCILINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# A checkout that belongs to somebody else, or none at all, has no version to
# tell; go build would then fail on its own attempt to find one.
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
export GOFLAGS := $(GOFLAGS) -buildvcs=false

# What is needed, each with how to see that it is there.
LAB  := qemu-system-x86_64:qemu-system-x86 busybox:busybox-static mkfs.ext4:e2fsprogs mkfs.xfs:xfsprogs \
	/usr/share/keyrings/debian-archive-keyring.gpg:debian-archive-keyring
# Tools of others that open our core dumps, and what compares files.
READ := crash:crash /usr/lib/python3/dist-packages/drgn:python3-drgn readelf:binutils cmp:diffutils
RACE := gcc:gcc /usr/include/stdio.h:libc6-dev
WEB  := /etc/ssl/certs/ca-certificates.crt:ca-certificates

export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: help
help: ## Show what there is
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 10

.PHONY: demo
demo: build ## Start a live target, read it over NetTLP, show its own ps beside ours
	@.ci/install $(LAB)
	@.ci/demo

.PHONY: test
test: lint fuzz unit live ## Everything that .ci/run runs

.PHONY: build
build: ## Build ./barescope
	@.ci/install $(WEB)
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.buildVersion=$(VERSION)" -o barescope ./cmd/barescope

.PHONY: lint
lint: ## Formatting, vet, staticcheck, golangci-lint
	@.ci/install $(WEB)
	@echo "==> gofmt"
	@unformatted=$$(gofmt -l .); [ -z "$$unformatted" ] || { echo "not formatted:"; echo "$$unformatted"; exit 1; }
	@echo "==> go vet"
	@CGO_ENABLED=0 go vet ./...
	@CGO_ENABLED=0 go vet -tags live,bench ./...
	@echo "==> staticcheck"
	@CGO_ENABLED=0 go run $(STATICCHECK) -tags live,bench ./...
	@echo "==> golangci-lint"
	@CGO_ENABLED=0 go run $(GOLANGCILINT) run ./...

.PHONY: fuzz
fuzz: ## Every fuzz target for FUZZTIME=20s; FUZZ=regexp picks some
	@.ci/install $(WEB)
	@echo "==> fuzzing"
	@CGO_ENABLED=0 .ci/fuzz $(FUZZTIME) '$(FUZZ)'

.PHONY: unit
unit: ## Unit tests with the race detector
	@.ci/install $(WEB) $(RACE)
	@echo "==> unit tests"
	@CGO_ENABLED=1 go test -race -timeout 10m ./...

# One package after the other: adapters share the same UDP ports, and guests
# the processors. A test that cannot have its guest fails, it does not skip.
.PHONY: live
live: ## Tests against live guests
	@.ci/install $(WEB) $(LAB) $(READ)
	@echo "==> live tests"
	@packages=$$(grep -rl --include='*_test.go' '^//go:build live$$' . | xargs -r -n 1 dirname | sort -u); \
	[ -n "$$packages" ] || { echo "there is no live test"; exit 1; }; \
	CGO_ENABLED=0 go test -tags live -count 1 -p 1 -timeout $(LIVETIMEOUT) $$packages

# The first time, guests are booted and their RAM is kept: five minutes more.
# Lines that begin with Benchmark are for benchstat.
.PHONY: bench
bench: ## Measure what reading costs, and write it into docs/performance.md
	@.ci/install $(WEB) $(LAB)
	@echo "==> benchmarks"
	@CGO_ENABLED=0 go test -tags bench -ldflags "-s -w" -count 1 -timeout 30m -run '^TestReport$$' -bench . -v ./internal/bench

.PHONY: clean
clean: ## Remove what make built
	@rm -f barescope coverage.out
