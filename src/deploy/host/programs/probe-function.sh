# shellcheck shell=sh
# Prints what is known about the buildout directory $1 with the cache $2 as lines NAME=VALUE; with $3 = releases or
# atomic, also what `inspect` of inspect-function.sh finds. Without a bin/buildout, also what a bootstrap needs:
# what operating-system.sh and nodes.sh print, which come before it as functions.
say() { printf '%s=%s\n' "$1" "$2"; }

# Prints what cannot be ours in the buildout directory $1. The directory itself may be a link, nothing in it may be.
foreign() {
  if [ -L "$1" ] && ! [ -e "$1" ]; then say foreign "$1 is a link to nothing"; return; fi
  if [ -e "$1" ] && ! [ -d "$1" ]; then say foreign "$1 is not a directory"; return; fi
  for f in .hostout .hostout/releases .hostout/previous .hostout/incoming .hostout/replaced .hostout/failed; do
    if [ -L "$1/$f" ]; then say foreign "$1/$f is a link"; return; fi
    [ -e "$1/$f" ] || continue
    # An earlier version had its log in a file `releases`.
    [ -d "$1/$f" ] || { [ "$f" = .hostout/releases ] && [ -f "$1/$f" ]; } || { say foreign "$1/$f is not a directory"; return; }
  done
  for f in current checkout checkout.next snapshot releases.jsonl holds.jsonl lock working hold engine attempt damaged aside settled settled.paths; do
    f=.hostout/$f
    if [ -L "$1/$f" ]; then say foreign "$1/$f is a link"; return; fi
    if [ -e "$1/$f" ] && ! [ -f "$1/$f" ]; then say foreign "$1/$f is not a file"; return; fi
  done
}

probe() {
  say path "$1"; say cache "$2"
  [ -d "$1/.hostout/previous" ] && say interrupted yes
  [ -e "$1/.hostout/checkout.next" ] && say unfinished yes
  { [ -f "$1/.hostout/files" ] || [ -f "$1/.hostout/releases" ]; } && say former yes
  foreign "$1"
  [ -d "$1" ] && say exists yes
  if [ -x "$1/bin/buildout" ]; then say buildout yes
  else
    operating_system < /dev/null | sed 's/^/os=/'
    nodes "$2/node" < /dev/null | sed 's/^/node=/'
  fi
  command -v tar >/dev/null || say no-tar yes
  if [ -L "$1/current" ]; then
    link=$(readlink "$1/current"); say link "$link"
    say linked "${link#releases/} $(sed -n '1s/^release //p' "$1/.hostout/$link/manifest" 2>/dev/null)"
  elif [ -e "$1/current" ]; then say obstacle "$1/current is not a link"
  fi
  if [ -L "$1/releases" ]; then say obstacle "$1/releases is a link"
  elif [ -e "$1/releases" ] && ! [ -d "$1/releases" ]; then say obstacle "$1/releases is not a directory"
  fi
  for f in "$1/.hostout/releases"/*/directory; do
    if [ -f "$f" ] && read -r word < "$f" && [ "$word" = built ]; then
      f=${f%/directory}; f=${f##*/}
      [ ! -d "$1/releases/$f" ] || [ -L "$1/releases/$f" ] || say built "$f"
    fi
  done
  for f in current engine aside; do
    first=
    if [ -f "$1/.hostout/$f" ] && [ -r "$1/.hostout/$f" ]; then IFS= read -r first < "$1/.hostout/$f"; say "$f" "$first"; fi
  done
  if [ -f "$1/.hostout/checkout" ] && [ -r "$1/.hostout/checkout" ]; then
    first='' second=
    { IFS= read -r first; IFS= read -r second; } < "$1/.hostout/checkout"
    case $first,$second in 'release '*,'number '*) say checkout "${first#release } ${second#number } " ;; esac
  fi
  [ -f "$2/directories/$(user_file "$1")" ] && say cache-user yes
  for f in "$2/downloads/dist"/*; do [ ! -r "$f" ] || say dist "${f##*/}"; done
  [ "$3" = no ] || inspect "$1" "$3"
}
