# shellcheck shell=sh
# PATH PYTHON ENGINE ARG...: has pip install what ARG says into a virtual environment in PATH, which
# PYTHON makes, and notes that bin/buildout is ENGINE's. Standard input holds lines of a requirements
# file with addresses for pip, and lines of a netrc file with logins for them: all users of the host
# can read arguments, those too that pip gives itself.
set -e; umask 027; cd "$1"; python=$2 engine=$3 s=.hostout; shift 3
places=$(cat); machines='^machine '
logins=$(printf '%s\n' "$places" | grep "$machines") || :
if ! { [ -x bin/python ] && bin/python -c 'import pip' </dev/null 2>/dev/null; }; then "$python" -m venv . </dev/null; fi
if [ -n "$logins" ]; then
  own=${NETRC:-$HOME/.netrc} netrc=$PWD/$s/netrc
  trap 'rm -f "$netrc"' EXIT; trap 'exit 1' HUP INT TERM
  rm -f "$netrc"; (umask 077; : > "$netrc")
  # What Python cannot read would hide the other lines, too. The last login for a host counts.
  {
    if [ -f "$own" ] && bin/python -c 'import netrc, sys; netrc.netrc(sys.argv[1])' "$own" </dev/null 2>/dev/null; then cat "$own"; fi
    printf '\n\n%s\n' "$logins"
  } > "$netrc"
  NETRC=$netrc; export NETRC
fi
# Where standard input is a socket, /dev/stdin cannot be opened.
{ printf '%s\n' "$places" | grep -v "$machines" || :; } |
  bin/python -m pip --disable-pip-version-check install -q -r /dev/stdin "$@"
[ -x bin/buildout ]
printf '%s\n' "$engine" > $s/engine.tmp; mv -f $s/engine.tmp $s/engine
rm -f $s/engine-*.mjs
