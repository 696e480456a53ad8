# shellcheck shell=sh
# PATH CACHE LINE COUNT N... NAME...: removes the releases N, of which there are COUNT, what NAME is in the
# cache, and what programs that were cut off have left. Notes LINE unless it
# is empty. Where another directory is being deployed, which may need a distribution that nothing names
# yet, these stay: `busy DIRECTORY`. The functions, and
# cache-functions.sh, come first.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "cleaning up"
cache=$2 line=$3 count=$4; shift 4
while [ "$count" -gt 0 ]; do
  drop "$1"
  count=$((count - 1)); shift
done
sweep || :
# What was only uploaded can still be built.
[ ! -f "$s/aside" ] || grep -q '^made ' "$s/aside" || clear_aside
rm -rf "$r"/*.tmp "$s"/looking.* "$t" "$t.sweep" "$s/arriving"
if [ $# -gt 0 ]; then
  mkdir -p "$t"
  cache_users "$cache" > "$t/users"
  while IFS= read -r d; do
    if ! [ -d "$d" ] || is_here "$d"; then continue; fi
    for f in lock working; do
      if [ -f "$d/.hostout/$f" ] && [ -r "$d/.hostout/$f" ] && ! flock -n -s "$d/.hostout/$f" true; then
        echo "busy $d"; set --
      fi
    done
  done < "$t/users"
  rm -rf "$t"
fi
for f; do
  # Nothing is half there: an installation sweeps away what has such a name.
  if [ -d "$cache/$f" ]; then
    going=$cache/${f%/*}/.installing-gone.$$
    mv "$cache/$f" "$going"; rm -rf "$going"
  else rm -f "$cache/$f"; fi
done
# Directories that are no more use nothing.
for f in "$cache/directories"/*; do
  if [ -f "$f" ] && [ -O "$f" ] && gone "$(head -n 1 "$f")"; then rm -f "$f"; fi
done
[ -z "$line" ] || note "$line"
