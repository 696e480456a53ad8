# shellcheck shell=sh
# PATH: prints who has the lock of a buildout directory, who blocks deployments, and what is running. Needs
# owner-functions.sh before it.
s=$1/.hostout
# FILE MODE: whether it is locked for more than a moment.
busy() { [ -e "$s/$1" ] && ! try "$@" && sleep 1 && ! try "$@"; }
try() { flock -n "$2" "$s/$1" true; }
[ -d "$s" ] || exit 0
owner hold
[ -e "$s/lock" ] || exit 0
command -v flock >/dev/null || { echo no-flock; exit 0; }
busy lock -s && owner lock
busy working -x && owner working
exit 0
