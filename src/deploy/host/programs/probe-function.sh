# shellcheck shell=sh
# Prints what there is of a buildout in the folder $1 with the cache $2 as lines NAME=VALUE; with $3 =
# releases also what `inspect` of inspect-function.sh finds.
say() { printf '%s=%s\n' "$1" "$2"; }
probe() {
  say path "$1"; say cache "$2"
  [ -d "$1/.hostout/previous" ] && say interrupted yes
  [ -e "$1/.hostout/checkout.next" ] && say unfinished yes
  { [ -f "$1/.hostout/files" ] || [ -f "$1/.hostout/releases" ]; } && say former yes
  [ -L "$1/.hostout" ] && say foreign yes
  [ -d "$1" ] && say exists yes
  [ -x "$1/bin/buildout" ] && say buildout yes
  command -v tar >/dev/null || say no-tar yes
  for f in current engine; do
    [ -r "$1/.hostout/$f" ] && say "$f" "$(cat "$1/.hostout/$f")"
  done
  [ -r "$1/.hostout/checkout" ] &&
    say checkout "$(sed -n '1s/^release //p; 2s/^number //p; 2q' "$1/.hostout/checkout" | tr '\n' ' ')"
  for f in "$2/downloads/dist"/*; do [ ! -r "$f" ] || say dist "${f##*/}"; done
  [ "$3" != releases ] || inspect "$1"
}
