#!/usr/bin/env bash
# Make the environment of tests/models/test_skorch.py in the folder $1 (.venv-torch by default):
# Python 3.11 with torch for the CPU, skorch and this project. It stops where the package index
# offers torch only as a CUDA build, which takes several GB.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=${1:-.venv-torch}
torch=torch==2.13.0
minutes=10

find_python() {
  local candidate
  for candidate in "$(command -v python3.11 || true)" \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.11.*/bin/python \
    "$HOME"/.local/share/uv/python/cpython-3.11.*/bin/python; do
    if [[ -x $candidate ]] && "$candidate" -c 'import ensurepip' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  echo "torch_venv: Python 3.11 wasn't found, on PATH or under pyenv" >&2
  return 1
}

if [[ -e $venv/.installed && $venv/.installed -nt tools/torch_venv.sh ]]; then
  exit 0
fi
python=$(find_python)
"$python" -m venv --clear "$venv"
pip=(timeout "${minutes}m" "$venv/bin/python" -m pip --disable-pip-version-check)
# Only metadata is fetched here.
found=$("${pip[@]}" install --dry-run --no-deps "$torch" | grep '^Would install' || true)
if [[ $found != *+cpu* ]]; then
  echo "torch_venv: no CPU build of $torch is at hand (${found:-nothing found})" >&2
  rm -rf "$venv"
  exit 1
fi
"${pip[@]}" install --quiet --no-compile "$torch" 'skorch>=1.2,<2' --editable .
touch "$venv/.installed"
