#!/bin/sh
# Makes .venv from the lock file. An environment that works and stands where it was made is brought up to date;
# any other, and any for which PYTHON names an interpreter, is made anew.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)

usable() {
    [ "$(cat .venv/.checkout 2>/dev/null)" = "$here" ] || return 1
    .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || return 1
    .venv/bin/python -m pip --version >/dev/null 2>&1
}

rm -f .venv/.ready
if [ -n "${PYTHON:-}" ] || ! usable; then
    python=$(sh scripts/find_python.sh)
    echo "Making .venv with $python; the first time takes a minute or two. 正在准备运行环境，首次需要一两分钟。"
    "$python" -m venv --clear .venv
    printf '%s\n' "$here" > .venv/.checkout
else
    echo "Bringing .venv up to date with requirements.lock. 正在按 requirements.lock 更新运行环境。"
fi

if ! .venv/bin/python -m pip install --quiet --no-input --disable-pip-version-check \
    --require-virtualenv --require-hashes -r requirements.lock; then
    echo "The packages could not be installed: is the network, or the package mirror that pip is set up for, reachable?" >&2
    echo "依赖没有装上：请检查网络，或 pip 所配置的镜像是否可用，然后再运行一次。" >&2
    exit 1
fi
.venv/bin/python scripts/install_checkout.py
touch .venv/.ready
