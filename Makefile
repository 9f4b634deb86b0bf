# One door for everything. Each target sets up what it needs; set-up is repeatable and quick.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
UV := .venv-tools/bin/uv
SOURCES := core gui resources tests

.PHONY: help setup setup-test run test check format bench screenshots lab lab-down soak clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## set up the application: .venv/bin/ringfence
	@packaging/bootstrap.sh run
	@$(UV) sync --locked --quiet --no-dev --inexact
	@$(BIN)/python -m compileall -q core gui  # a confined worker cannot write what it compiled

setup-test:  ## set up the application, the tools and the lab
	@packaging/bootstrap.sh test
	@$(UV) sync --locked --quiet
	@$(BIN)/python -m compileall -q core gui

run: setup  ## open the window on the built-in demo fleet
	@$(BIN)/ringfence demo

# The lab mostly waits for machines, so it runs beside the others; its account comes last. The
# emulated SELinux host wants a processor of its own and comes when the others are done.
test: setup-test  ## all tests: unit, window, and the lab on real libvirt where this is root
	@log=$$(mktemp); $(BIN)/pytest tests/lab -m "not selinux" >"$$log" 2>&1 & lab=$$!; \
	$(BIN)/pytest tests/unit tests/ui; others=$$?; \
	$(BIN)/pytest tests/lab -m selinux; selinux=$$?; \
	wait $$lab; lab=$$?; cat "$$log"; rm -f "$$log"; \
	exit $$((others | selinux | lab))

check: setup-test  ## lint, format, types, fences, texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m tests.texts

format: setup-test  ## put the sources into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-test  ## measure, with ratios against named baselines in the same run
	$(BIN)/python -m tests.bench

screenshots: setup-test  ## make docs/screenshots from the real window
	$(BIN)/python -m tests.ui.shots docs/screenshots

lab: setup-test  ## leave three real libvirt hosts running, with a ready configuration
	$(BIN)/python -m tests.lab.up --keep

lab-down: setup-test  ## take the lab away
	$(BIN)/python -m tests.lab.down

soak: setup-test  ## the long repeats
	RINGFENCE_SOAK=full $(BIN)/pytest -m soak tests/lab

clean:  ## remove what set-up and tools made
	rm -rf .venv .venv-tools .mypy_cache .ruff_cache .pytest_cache dist
