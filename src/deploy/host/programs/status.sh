# shellcheck shell=sh
# PATH DIRECTORY SUPERVISOR: prints who has the lock (lock-state.sh, as a function `locks` before this program), and
#   disk FREE TOTAL       of the file system of PATH, in kB
#   kept SIZE             of its releases, in kB, unless that takes long
#   supervisor STATUS     after lines `program TEXT`: the output of bin/supervisorctl of DIRECTORY, with
#                         SUPERVISOR=yes
cd "$1" || exit 1
# SECONDS COMMAND...: ends the command if it takes longer.
limited() {
  seconds=$1; shift
  "$@" &
  pid=$!
  { sleep "$seconds"; kill "$pid"; } >/dev/null 2>&1 &
  limiter=$!
  wait "$pid"; result=$?
  kill "$limiter" 2>/dev/null
  return $result
}
path=$1 directory=$2 supervisor=$3
(locks "$path")
df -Pk . 2>/dev/null | awk 'NR == 2 { print "disk", $4, $2 }'
set -- .hostout/releases
[ ! -d releases ] || [ -L releases ] || set -- "$@" releases
size=$(limited 3 du -sk "$@" 2>/dev/null) && printf '%s\n' "$size" | awk '{ sum += $1 } END { print "kept", sum }'
if [ "$supervisor" = yes ] && [ -x "$directory/bin/supervisorctl" ]; then
  cd "$directory" || exit 1
  said=$(limited 10 bin/supervisorctl status 2>&1 </dev/null); status=$?
  printf '%s\n' "$said" | head -n 200 | LC_ALL=C tr '\000-\010\013-\037\177' '?' | LC_ALL=C sed 's/^/program /'
  echo "supervisor $status"
fi
exit 0
