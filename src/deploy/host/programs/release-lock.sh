# shellcheck shell=sh
# PATH FORCE: lets deployments in that were kept out by hand. FORCE=yes also takes the lock from the
# deployment that has it.
s=$1/.hostout
rm -f "$s/hold" || exit 1
[ "$2" = yes ] && [ -e "$s/lock" ] || exit 0
flock -n "$s/lock" true || kill "$(sed -n 's/^pid=//p' "$s/lock")"
