# shellcheck shell=sh
# PATH CACHE LINE COUNT N... NAME...: removes the releases N, of which there are COUNT, each NAME in the cache, and
# what programs left that were cut off. Logs LINE unless it is empty. If another directory is being
# deployed, which may need a distribution that no release lists yet, the NAMEs stay: `busy DIRECTORY`. Needs the
# functions and cache-functions.sh before it.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "cleaning up"
cache=$2 line=$3 count=$4; shift 4
while [ "$count" -gt 0 ]; do
  drop "$1"
  count=$((count - 1)); shift
done
sweep || :
# A release that was only uploaded can still be built.
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
  # Renamed first, so that no egg is ever incomplete. Installations delete leftovers with such names.
  if [ -d "$cache/$f" ]; then
    going=$cache/${f%/*}/.installing-gone.$$
    mv "$cache/$f" "$going"; rm -rf "$going"
  else rm -f "$cache/$f"; fi
done
# Forgets directories that no longer exist.
for f in "$cache/directories"/*; do
  if [ -f "$f" ] && [ -O "$f" ] && gone "$(head -n 1 "$f")"; then rm -f "$f"; fi
done
[ -z "$line" ] || note "$line"
