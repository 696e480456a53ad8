# shellcheck shell=sh
# DIRECTORY FOLLOW LINES PATTERN FILE...: prints the last LINES lines of files, with their names where there are
# several, as tail(1) has it; with FOLLOW=yes what comes then, too, also in files that take their places. Only
# those that match PATTERN, as grep -E has it, unless it is empty. FILEs are globs. One that names nothing, or what cannot be read, is
# told on standard error, and the status is 1; 2 where the pattern is none. With FOLLOW=yes all ends with the input.
cd "$1" || exit 1
follow=$2 lines=$3 pattern=$4; shift 4
if [ -n "$pattern" ]; then
  # BusyBox's has status 1 for that, and sees it with the first line.
  said=$(echo | grep -q -E -e "$pattern" 2>&1)
  [ -z "$said" ] || { printf '%s\n' "$said" >&2; exit 2; }
fi
status=0
# Sets the arguments to the files that the globs name.
IFS=''
count=$#
while [ "$count" -gt 0 ]; do
  # Without quotes it is a glob.
  for f in $1; do
    if [ -d "$f" ]; then echo "$f is a directory" >&2
    elif [ -r "$f" ]; then
      case $f in /*) ;; *) f=./$f ;; esac
      set -- "$@" "$f"; continue
    elif [ -e "$f" ] || [ -L "$f" ]; then echo "$f cannot be read" >&2
    else echo "there is no $f" >&2; fi
    status=1
  done
  shift
  count=$((count - 1))
done
unset IFS
[ $# -gt 0 ] || exit 1

# Follows them until the input ends.
if [ "$follow" = yes ]; then
  exec 3<&0 </dev/null
  if [ -n "$pattern" ]; then
    p=$(mktemp -d "${TMPDIR:-/tmp}/hostout-logs.XXXXXX") || exit 1
    mkfifo "$p/lines" || exit 1
    # BusyBox's grep keeps its lines until there are many.
    if printf '' | grep --line-buffered x 2>/dev/null; [ $? -lt 2 ]; then
      grep -a -E --line-buffered -e "$pattern" < "$p/lines" 3<&- &
    else PATTERN=$pattern awk '$0 ~ ENVIRON["PATTERN"] { print; fflush() }' < "$p/lines" 3<&- & fi
    matching=$!
    exec 4> "$p/lines"
    rm -rf "$p"
    tail -n "$lines" -F "$@" >&4 3<&- 4>&- &
    tail=$!
    exec 4>&-
  else
    tail -n "$lines" -F "$@" 3<&- &
    tail=$! matching=
  fi
  # shellcheck disable=SC2086
  trap 'kill $tail $matching 2>/dev/null' EXIT
  trap 'exit 1' HUP INT TERM
  cat <&3 >/dev/null &
  input=$!
  wait $input
  exit 0
fi

many=$#
for f; do
  [ "$many" -eq 1 ] || printf '==> %s <==\n' "${f#./}"
  if [ -n "$pattern" ]; then grep -a -E -e "$pattern" -- "$f" | tail -n "$lines"
  else tail -n "$lines" -- "$f"; fi
  [ "$many" -eq 1 ] || echo
done
exit $status
