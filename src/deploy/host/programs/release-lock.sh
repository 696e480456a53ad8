# shellcheck shell=sh
# PATH FORCE: takes a hold by hand away; with FORCE=yes it also ends the program that keeps the lock for a deployment.
s=$1/.hostout
rm -f "$s/hold" || exit 1
[ "$2" = yes ] || exit 0
if [ -e "$s/lock" ] && ! flock -n "$s/lock" true; then
  pid=$(sed -n 's/^pid=//p' "$s/owner")
  kill "$pid" || exit 1
fi
