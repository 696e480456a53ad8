# shellcheck shell=sh
# PATH CACHE CONFIGURATION RUN: prints what a plan needs to know about the buildout directory PATH; changes nothing
# there. Standard input contains a line of secrets; the number of files to show, and their paths; the number
# of files that the release lacks, and their paths; and, unless RUN=no, the size of a gzipped tar archive and the
# archive: tree/ with the files that differ on the host, and engine.cjs unless RUN=own. The size is
# 0 if there is nothing to send.
# Prints
#   directory PATH      the real path
#   tree PATH           where the engine sees the release
#   file HASH SIZE PATH of a file to show; for a link, HASH and SIZE are those of its target
#   content BASE64      of the file before, unless it is large
#   installed HASH      of .installed.cfg
#   event JSON          of the engine's plan, and at the end its status:
#   ended STATUS
# The engine that RUN names (`own`, or a Node that runs engine.cjs) sees the release in a separate directory, where
# everything that stays as it is is a link. Stops when the input ends.
umask 077
path=$1 cache=$2 configuration=$3 run=$4 engine=
t=$(mktemp -d "${TMPDIR:-/tmp}/hostout-plan.XXXXXX") || exit 1
trap 'rm -rf "$t"' EXIT
trap '[ -z "$engine" ] || kill "$engine" 2>/dev/null; exit 1' HUP INT TERM
trap '' PIPE
t=$(cd "$t" && pwd -P)
IFS= read -r secrets || exit 1
lines() {
  read -r n || exit 1
  while [ "$n" -gt 0 ]; do IFS= read -r p || exit 1; printf '%s\n' "$p"; n=$((n - 1)); done
}
lines > "$t/wanted"
lines > "$t/gone"
cd -P "$path" || exit 1
here=$PWD
echo "directory $here"
[ ! -f .installed.cfg ] || echo "installed $(sha256sum < .installed.cfg | cut -c 1-64)"
# SIZE: prints standard input as content.
content() { [ "$1" -gt 262144 ] || ! command -v base64 >/dev/null || echo "content $(base64 | tr -d '\n')"; }
while IFS= read -r p; do
  # Nothing outside the directory is shown, even if links lead there.
  d=./$p; d=$(cd -P "${d%/*}" 2>/dev/null && pwd) || continue
  case $d/ in "$here"/*) ;; *) continue ;; esac
  if [ -L "./$p" ]; then
    size=$(($(readlink -n "./$p" | wc -c)))
    echo "file $(readlink -n "./$p" | sha256sum | cut -c 1-64) $size $p"
    readlink -n "./$p" | content $size
  elif [ -f "./$p" ] && [ -r "./$p" ]; then
    size=$(($(wc -c < "./$p")))
    echo "file $(sha256sum < "./$p" | cut -c 1-64) $size $p"
    content $size < "./$p"
  fi
done < "$t/wanted"
[ "$run" != no ] || exit 0

mkdir "$t/sent" "$t/extends" "$t/tmp"
read -r size || exit 1
if [ "$size" -gt 0 ]; then head -c "$size" | gzip -dc | tar -xof - -C "$t/sent" || exit 1
else mkdir "$t/sent/tree"; fi
# DIRECTORY: creates it in the tree, with links to what is in this directory of PATH.
own() {
  if [ -d "$t/tree/$1" ] && ! [ -L "$t/tree/$1" ]; then return; fi
  rm -f "$t/tree/$1"; mkdir "$t/tree/$1" || exit 1
  for f in "$here/$1"/* "$here/$1"/.[!.]* "$here/$1"/..?*; do
    [ -d "$here/$1" ] || break
    if [ -e "$f" ] || [ -L "$f" ]; then ln -s "$f" "$t/tree/$1/"; fi
  done
}
own ""
rm -f "$t/tree/.hostout"
(cd "$t/sent/tree" && find . ! -type d) | sed 's|^\./||' > "$t/sent.paths"
cat "$t/sent.paths" "$t/gone" > "$t/all"
LC_ALL=C awk '{
  while (match($0, "/[^/]*$")) { $0 = substr($0, 1, RSTART - 1); if ($0 in seen) break; seen[$0]; print }
}' "$t/all" | LC_ALL=C sort | while IFS= read -r d; do own "$d"; done
while IFS= read -r p; do rm -rf "${t:?}/tree/$p"; done < "$t/all"
while IFS= read -r p; do mv "$t/sent/tree/$p" "$t/tree/$p"; done < "$t/sent.paths"
# Remote configurations are cached there.
[ ! -d "$cache/extends" ] || cp -R "$cache/extends/." "$t/extends/"
if [ "$run" = own ]; then set -- "$here/bin/buildout"; else set -- "$run" "$t/sent/engine.cjs"; fi
cd "$t/tree" || exit 1
echo "tree $t/tree"
exec 3<&0
printf '%s\n' "$secrets" | HOSTOUT_SECRETS_FD=4 HOSTOUT_FOR=$here TMPDIR=$t/tmp \
  "$@" -c "$configuration" "buildout:extends-cache=$t/extends" install --plan --json \
  3<&- 4<&0 </dev/null > "$t/events" 2> "$t/errors" &
engine=$!
{ cat > /dev/null; kill $$; } <&3 > /dev/null 2>&1 &
watch=$!
wait $engine
status=$?
engine=
kill $watch 2>/dev/null
sed 's/^/event /' "$t/events"
cat "$t/errors" >&2
echo "ended $status"
