# shellcheck shell=sh
# PATH CACHE SHARED GOING DIRECTORY...: prints what the cache of a buildout directory has of released develop
# packages, as lines `file=SIZE NAME`, and `named=+hHASH` for each that a kept release names: of PATH, of
# the buildout directories beside it, and of each DIRECTORY. `unknown=DIRECTORY`: one that cannot be read,
# or whose releases cannot; without SHARED=yes those of other users do not count, who have caches of
# their own. Nothing is changed. state-functions.sh comes first.
# shellcheck disable=SC2154
set -e; umask 077; begin "$1"
cache=$2 shared=$3 going=$4; shift 4
t=$s/looking.$$
trap 'rm -rf "$t"' EXIT
mkdir "$t"

# RELEASE: the configuration that pins its develop packages.
pins() {
  if [ -d "$1/tree" ]; then cat "$1/tree/pinned.cfg"
  else
    gzip -t "$1/whole.tgz" && gzip -dc "$1/whole.tgz" | tar -xOf - tree/pinned.cfg
  fi
}

# DIRECTORY: what the releases there name, and the files in place.
named() {
  [ -d "$1/.hostout" ] || return 0
  if ! [ "$shared" = yes ] && [ "$(stat -c %u "$1/.hostout")" != "$(id -u)" ]; then return 0; fi
  if ! [ -r "$1/.hostout" ] || ! [ -x "$1/.hostout" ]; then echo "unknown=$1"; return; fi
  if [ -e "$1/.hostout/releases" ] && ! [ -r "$1/.hostout/releases" ]; then echo "unknown=$1"; return; fi
  for m in "$1/.hostout/releases"/*/manifest; do
    [ -f "$m" ] || continue
    n=${m%/manifest}; n=${n##*/}
    if [ "$1" = "$PWD" ]; then case " $going " in *" $n "*) continue ;; esac; fi
    pins "${m%/manifest}" > "$t/pins" 2>/dev/null || { echo "unknown=$1"; return; }
    cat "$t/pins" >> "$t/all"
  done
  [ ! -f "$1/pinned.cfg" ] || cat "$1/pinned.cfg" >> "$t/all" || echo "unknown=$1"
}

: > "$t/all"
named "$PWD"
for d in "${PWD%/*}"/*/ "$@"; do
  d=${d%/}
  [ "$d" = "$PWD" ] || named "$d"
done
LC_ALL=C sed -n 's/.*\(+h[0-9a-f]\{12\}\).*/named=\1/p' "$t/all" | LC_ALL=C sort -u
for f in "$cache/downloads/dist"/*; do
  if [ -L "$f" ] || ! [ -f "$f" ]; then continue; fi
  printf 'file=%s %s\n' "$(wc -c < "$f" | tr -d ' ')" "${f##*/}"
done
[ ! -f "$s/aside" ] || grep -q '^made ' "$s/aside" || echo left=aside
for f in "$r"/*.tmp "$s"/looking.*; do
  [ ! -e "$f" ] || [ "$f" = "$t" ] || printf 'left=%s\n' "${f##*/}"
done
