# shellcheck shell=sh
# PATH N LARGEST: for each path on standard input, ended by a zero byte, prints what release N has there: a line
# `file SIZE` and the content, or only `large SIZE` for more than LARGEST bytes; `link SIZE` and its target;
# `directory 0`; or `none 0`. Changes nothing. Needs the functions before it.
# shellcheck disable=SC2016,SC2154
set -e; umask 077; begin "$1"
number=$2 largest=$3
scratch
tr '\000' '\n' > "$t/names"
entries < "$r/$number/manifest" | only "$t/names" > "$t/put"
gather "$number"
cd "$t/stage"
tr '\n' '\000' < "$t/names" | OUT=$t/target xargs -r0 sh -c '
  largest=$0
  for p; do
    f=./$p size=0
    if [ -L "$f" ]; then
      readlink -n "$f" > "$OUT"; printf "link %s\n" "$(wc -c < "$OUT")"; cat "$OUT"
    elif [ -d "$f" ]; then echo directory 0
    elif ! [ -f "$f" ]; then echo none 0
    else
      size=$(wc -c < "$f")
      if [ "$size" -gt "$largest" ]; then printf "large %s\n" "$size"
      else printf "file %s\n" "$size"; cat "$f"; fi
    fi
  done' "$largest"
