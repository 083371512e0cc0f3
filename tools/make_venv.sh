#!/usr/bin/env bash
# Make the environment for development in the folder $1, with the best Python of this machine.
# UV names a uv that installs the packages instead of pip.
set -euo pipefail
venv=$1

fits() {
  "$1" -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' \
    2>/dev/null
}

# 3.12 first: it is the version that new projects get, and AWS's base image of it has a glibc
# that current wheels run on. A pyenv shim fails `fits` when its version isn't selected.
find_python() {
  local version candidate
  if [[ -n ${PYTHON_FOR_VENV:-} ]]; then
    echo "$PYTHON_FOR_VENV"
    return
  fi
  for version in 3.12 3.13 3.11; do
    for candidate in "$(command -v "python$version" || true)" \
      "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python \
      "$HOME"/.local/share/uv/python/cpython-"$version".*/bin/python; do
      if [[ -x $candidate ]] && fits "$candidate"; then
        echo "$candidate"
        return
      fi
    done
  done
  echo "make: no Python 3.11, 3.12 or 3.13 with venv was found, on PATH or under pyenv." >&2
  echo "make: install one (Debian: apt install python3-venv), or set PYTHON_FOR_VENV." >&2
  return 1
}

if [[ -L $venv ]]; then
  echo "make: $venv is a link: making it anew would empty the environment that it leads to." >&2
  exit 1
fi

python=$(find_python)
echo "making $venv with $("$python" --version), $python"
"$python" -m venv --clear "$venv"
if [[ -n ${UV:-} ]]; then # as in CI: `python3 -m tools.uv` makes one
  unset UV_INDEX_URL # another index than pip's
  install=("$UV" pip install --quiet --python "$venv/bin/python")
else
  install=("$venv/bin/python" -m pip --disable-pip-version-check --quiet --quiet install)
  install+=(--no-compile) # Python compiles the few modules that are imported: half the time
fi
"${install[@]}" --require-hashes -r requirements-dev.txt
"${install[@]}" --no-deps --no-build-isolation --editable .
