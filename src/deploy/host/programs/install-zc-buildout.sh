# shellcheck shell=sh
# PATH PYTHON ENGINE ARG...: has pip install what ARG says into a virtual environment in PATH, which
# PYTHON makes, and notes that bin/buildout is ENGINE's. Addresses for pip, which may hold passwords
# that a list of processes would show, come as lines of a requirements file on standard input.
set -e; umask 027; cd "$1"; python=$2 engine=$3 s=.hostout; shift 3
if ! { [ -x bin/python ] && bin/python -c 'import pip' </dev/null 2>/dev/null; }; then "$python" -m venv . </dev/null; fi
# Where standard input is a socket, /dev/stdin cannot be opened.
cat | bin/python -m pip --disable-pip-version-check install -q -r /dev/stdin "$@"
[ -x bin/buildout ]
printf '%s\n' "$engine" > $s/engine.tmp; mv -f $s/engine.tmp $s/engine
rm -f $s/engine-*.mjs
