#!/bin/sh
# Prints the Python to build .venv with: the newest of 3.13, 3.12, 3.11, else python3; or only the one named in PYTHON.
# When none will do, says in one sentence what is missing and what to install.
set -u

candidates=${PYTHON:-"python3.13 python3.12 python3.11 python3"}
old="" bare=""

for candidate in $candidates; do
    # Some version managers leave a command behind that runs nothing, so ask the interpreter itself.
    found=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        old=$found
    elif ! "$candidate" -c 'import ensurepip, ssl, sqlite3, venv' 2>/dev/null; then
        bare=$found
    else
        printf '%s\n' "$candidate"
        exit 0
    fi
done

if [ -n "$bare" ]; then
    cat >&2 <<END
Python $bare is here, but without the parts that make an environment (venv, ensurepip).
Debian, Ubuntu: sudo apt-get install python$bare-venv    Fedora: sudo dnf install python3-pip python3-libs
这台机器的 Python $bare 缺少创建环境所需的 venv 或 ensurepip。Debian、Ubuntu 请运行：sudo apt-get install python$bare-venv
END
elif [ -n "$old" ]; then
    cat >&2 <<END
Dealdesk needs Python 3.11 or newer; the one found is $old.
Debian, Ubuntu: sudo apt-get install python3.11 python3.11-venv    macOS: brew install python@3.13    then: make venv PYTHON=python3.11
销售助手需要 Python 3.11 或更高版本，这台机器上是 $old。装好新版本后运行：make venv PYTHON=python3.11
END
else
    cat >&2 <<END
No Python found (looked for: $candidates). Dealdesk needs Python 3.11 or newer, with venv.
Debian, Ubuntu: sudo apt-get install python3 python3-venv    macOS: brew install python@3.13
没有找到 Python（找过：$candidates）。销售助手需要 Python 3.11 或更高版本，并带有 venv。
END
fi
exit 1
