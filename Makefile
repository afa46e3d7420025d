.PHONY: help run test lint shots
PORT ?= 8000

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):  ## /  make \1	/p' Makefile

run:  ## set up what is missing, then serve the demonstration
	@scripts/bootstrap run && exec .venv/bin/python -m placements run --port $(PORT)

test:  ## check everything that this machine can check
	@scripts/test

lint:  ## only what needs no running
	@scripts/lint

shots:  ## a picture of every page for every role, into shots/
	@scripts/bootstrap dev && exec .venv/bin/python -m scripts.shots
