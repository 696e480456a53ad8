# shellcheck shell=sh
# Prints what there is of a buildout in the folder $1 with the cache $2 as lines NAME=VALUE.
say() { printf '%s=%s\n' "$1" "$2"; }
probe() {
  say path "$1"; say cache "$2"
  [ -d "$1/.hostout/previous" ] && say interrupted yes
  [ -d "$1" ] && say exists yes
  [ -x "$1/bin/buildout" ] && say buildout yes
  for f in current unpacked engine; do
    [ -r "$1/.hostout/$f" ] && say "$f" "$(cat "$1/.hostout/$f")"
  done
  for f in "$2/downloads/dist"/* "$2/downloads/bundles"/*; do [ ! -r "$f" ] || say dist "${f##*/}"; done
}
