# shellcheck shell=sh
# DIRECTORY FOLLOW LINES PATTERN FILE...: prints the last LINES lines of files, with their names if there are several,
# like tail(1). With FOLLOW=yes also prints new lines, also of files that replace them, until the input ends. PATTERN
# selects lines as in grep -E, unless it is empty. FILEs are globs. Reports globs without a match, and files that
# cannot be read, on standard error; the status is 1 then, and 2 if PATTERN is invalid.
cd "$1" || exit 1
follow=$2 lines=$3 pattern=$4; shift 4
if [ -n "$pattern" ]; then
  # For that, BusyBox's grep returns 1, and only after reading a line.
  said=$(echo | grep -q -E -e "$pattern" 2>&1)
  [ -z "$said" ] || { printf '%s\n' "$said" >&2; exit 2; }
fi
status=0
# Sets the arguments to the files that match the globs.
IFS=''
count=$#
while [ "$count" -gt 0 ]; do
  # Unquoted, since it is a glob.
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
    # BusyBox's grep buffers its output.
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
