# shellcheck shell=sh
# PATH PYTHON ENGINE ARG...: creates a virtual environment in PATH with PYTHON, runs pip there to install the ARGs,
# and records that bin/buildout belongs to ENGINE. Standard input contains lines of a requirements file with
# URLs for pip, and lines of a netrc file with logins for them: all users of the host can read arguments,
# also those that pip passes to itself.
set -e; umask 027; cd "$1"; python=$2 engine=$3 s=.hostout; shift 3
places=$(cat); machines='^machine '
logins=$(printf '%s\n' "$places" | grep "$machines") || :
if ! { [ -x bin/python ] && bin/python -c 'import pip' </dev/null 2>/dev/null; }; then "$python" -m venv . </dev/null; fi
if [ -n "$logins" ]; then
  own=${NETRC:-$HOME/.netrc} netrc=$PWD/$s/netrc
  trap 'rm -f "$netrc"' EXIT; trap 'exit 1' HUP INT TERM
  rm -f "$netrc"; (umask 077; : > "$netrc")
  # A file that Python cannot parse would hide the other lines, too. The last login for a host counts.
  {
    if [ -f "$own" ] && bin/python -c 'import netrc, sys; netrc.netrc(sys.argv[1])' "$own" </dev/null 2>/dev/null; then cat "$own"; fi
    printf '\n\n%s\n' "$logins"
  } > "$netrc"
  NETRC=$netrc; export NETRC
fi
# If standard input is a socket, /dev/stdin cannot be opened.
{ printf '%s\n' "$places" | grep -v "$machines" || :; } |
  bin/python -m pip --disable-pip-version-check install -q -r /dev/stdin "$@"
[ -x bin/buildout ]
printf '%s\n' "$engine" > $s/engine.tmp; mv -f $s/engine.tmp $s/engine
rm -f $s/engine-*.[cm]js
