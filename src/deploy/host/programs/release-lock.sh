# shellcheck shell=sh
# PATH FORCE: lets deployments in that were kept out by hand. FORCE=yes also takes the lock from the
# deployment that has it. A program of that deployment goes on, and the next one waits for it.
s=$1/.hostout
rm -f "$s/hold" || exit 1
[ "$2" = yes ] && command -v flock >/dev/null || exit 0
# FILE: who has it, if anybody.
holder() { [ -e "$s/$1" ] && ! flock -n "$s/$1" true && sed -n 's/^pid=//p' "$s/$1" | tail -n 1; }
pid=$(holder lock) && { kill "$pid" || exit 1; }
# Where the program has ended, something that it has left behind has the file open.
pid=$(holder working) && ! [ -d "/proc/$pid" ] && rm -f "$s/working"
exit 0
