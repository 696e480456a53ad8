# shellcheck shell=sh
# PATH CACHE, whose tildes the shell has expanded: prints what there is as lines NAME=VALUE.
path=$1 cache=$2
say() { printf '%s=%s\n' "$1" "$2"; }
say path "$path"; say cache "$cache"
[ -d "$path/.hostout/previous" ] && say interrupted yes
[ -d "$path" ] && say exists yes
[ -x "$path/bin/buildout" ] && say buildout yes
for f in current unpacked engine; do
  [ -r "$path/.hostout/$f" ] && say "$f" "$(cat "$path/.hostout/$f")"
done
for f in "$cache/downloads/dist"/* "$cache/downloads/bundles"/*; do [ ! -r "$f" ] || say dist "${f##*/}"; done
exit 0
