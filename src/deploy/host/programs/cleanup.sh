# shellcheck shell=sh
# PATH CACHE LINE COUNT N... NAME...: removes the releases N, of which there are COUNT, and the files NAME
# from the distributions in the cache, and what programs that were cut off have left. Notes LINE unless it
# is empty. Where another directory is being deployed, which may need a distribution that nothing names
# yet, these stay: `busy DIRECTORY`. The functions come first.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "cleaning up"
cache=$2 line=$3 count=$4; shift 4
while [ "$count" -gt 0 ]; do
  drop "$1"
  count=$((count - 1)); shift
done
# What was only uploaded can still be built.
[ ! -f "$s/aside" ] || grep -q '^made ' "$s/aside" || clear_aside
rm -rf "$r"/*.tmp "$s"/looking.* "$t" "$s/arriving"
if [ $# -gt 0 ]; then
  for d in "${PWD%/*}"/*/; do
    d=${d%/}
    [ "$d" != "$PWD" ] || continue
    for f in lock working; do
      if [ -f "$d/.hostout/$f" ] && [ -r "$d/.hostout/$f" ] && ! flock -n -s "$d/.hostout/$f" true; then
        echo "busy $d"; set --
      fi
    done
  done
fi
for f; do rm -f "$cache/downloads/dist/$f"; done
[ -z "$line" ] || note "$line"
