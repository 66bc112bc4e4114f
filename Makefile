# make run   everything, then a running server with a sample operator (another port: make run PORT=9000)
# make test  everything, then all tests
# make lint  ruff and mypy    make bench  benchmarks    make soak  long fault tests    make docs  generated pages

VENV ?= .venv
PY := $(VENV)/bin/python
PLUGINS := $(sort $(wildcard plugins/*/pyproject.toml))
STAMP := $(VENV)/.installed
# Tests start many processes, and each would translate every module again.
unexport PYTHONDONTWRITEBYTECODE
# By whole files, in the order of collection (the longest first): else the files with few long tests come last.
SHARED := -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: run test lint bench soak docs env clean
run: env
	@exec $(PY) -m smarty_core demo $(if $(PORT),--port $(PORT))

test: env
	@$(PY) -m pytest $(SHARED) $(PYTEST)

lint: env
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy smarty_core
	@set -e; for plugin in $(PLUGINS:/pyproject.toml=); do $(PY) -m mypy $$plugin/src; done

bench: env
	@$(PY) -m benchmarks

soak: env
	@SMARTY_SOAK=1 $(PY) -m pytest $(SHARED) -m soak

docs: env
	@$(PY) -m smarty_core.config.reference
	@$(PY) -m smarty_core.hookspecs.reference docs/reference
	@$(PY) -m smarty_core.cli.public_api
	@$(PY) -m smarty_core.cli.reference
	@$(PY) -m smarty_core.web.reference

env: $(STAMP)
$(STAMP): pyproject.toml constraints.txt scripts/environment.sh $(PLUGINS)
	@sh scripts/environment.sh $(VENV)
	@touch $@

clean:
	rm -rf $(VENV) build dist
