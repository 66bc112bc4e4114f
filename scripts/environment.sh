#!/bin/sh
# Makes the virtual environment in $1 with the core, every plugin and the development tools.
# Works where python3 has no ensurepip (Debian without python3-venv): pip of the system then fills the environment.
set -eu
venv=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3" >&2
    exit 1
}
if [ ! -x "$venv/bin/python" ]; then
    echo "Creating the environment in $venv ..."
    "$python" -m venv "$venv" >/dev/null 2>&1 || {
        rm -rf "$venv"
        "$python" -m venv --without-pip "$venv"
    }
fi
if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    pip="$venv/bin/python -m pip"
else
    pip="$python -m pip --python $venv/bin/python"
fi
echo "Installing (a minute or two the first time) ..."
set --
for plugin in plugins/*/pyproject.toml; do
    [ -e "$plugin" ] && set -- "$@" -e "$(dirname "$plugin")"
done
$pip install --quiet --disable-pip-version-check --constraint constraints.txt -e ".[dev,testing,postgresql,mysql,oracle,sentry]" "$@"
