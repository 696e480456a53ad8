# shellcheck shell=sh
# PATH FORCE LINE: allows deployments that were blocked by hand, and adds LINE, with the time, to the log of holds.
# FORCE=yes also takes the lock from the deployment that has it. A program of that deployment
# continues, and the next deployment waits for it. Needs owner-functions.sh before it.
umask 077; s=$1/.hostout
[ -d "$s" ] || exit 0
if [ -e "$s/hold" ] || [ "$2" = yes ]; then held "$3" || :; fi
rm -f "$s/hold" || exit 1
[ "$2" = yes ] && command -v flock >/dev/null || exit 0
# FILE: prints the process that has locked it, if any. Other content, such as -1, would end other programs.
holder() { [ -e "$s/$1" ] && ! flock -n "$s/$1" true && sed -n 's/^pid=\([1-9][0-9]*\)$/\1/p' "$s/$1" | tail -n 1; }
if pid=$(holder lock); then
  [ -n "$pid" ] || { echo "$s/lock does not say which program has the lock: end its session on the host." >&2; exit 1; }
  kill "$pid" || exit 1
fi
# If the program has ended, something that it left behind still has the file open.
pid=$(holder working) && ! [ -d "/proc/$pid" ] && rm -f "$s/working"
exit 0
