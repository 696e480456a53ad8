# shellcheck shell=sh
# Releases in directories of their own (`atomic`). In addition to what state-functions.sh lists for .hostout:
#   ../releases/N          the directory of release N
#   ../current             a link to the one in use; `.` is the buildout directory itself
#   releases/N/directory   says that this directory exists and is ours; with `built`, that it is complete
#   releases/N/snapshot    what stat(1) printed for its files when they were put there
#   aside                  STATE N ID of the directory that was made last, if `current` does not point to it yet.
#                          STATE is making, made, building, built or failed.
# Needs state-functions.sh, checkout-functions.sh and current-functions.sh before it.
# shellcheck disable=SC2154,SC2164

# STATE N ID: records the state of the directory.
mark() { printf '%s %s %s\n' "$1" "$2" "$3" > "$s/aside.tmp" && replace "$s/aside"; }

# Prints the number of the directory that was made last.
aside_number() { [ ! -f "$s/aside" ] || sed -n '1s/^[a-z]* \([0-9]*\) .*/\1/p' "$s/aside"; }

# Removes the directory that was made last if `current` was never switched to it. If it was, the deployment was cut
# off right after the switch: the release is fine, and only the log is completed.
clear_aside() {
  [ -f "$s/aside" ] || return 0
  n=$(aside_number)
  case $n in
    *[!0-9]* | '') ;;
    "$(live)") note "{\"number\":$n,\"result\":\"ok\"}" ;;
    *) [ ! -e "$r/$n/directory" ] || { echo making > "$r/$n/directory"; rm -rf "${PWD:?}/releases/$n"; } ;;
  esac
  rm -f "$s/aside"
}

# N ID KEEP NAME...: makes the directory of release N, whose files are in a stage or stored. All releases share the
# NAMEs. With KEEP=yes, it gets what others have changed in the current release.
make_aside() {
  number=$1 id=$2 keep=$3; shift 3
  clear_aside
  d=$PWD/releases/$number
  if [ -L "$PWD/releases" ] || { [ -e "$d" ] && ! [ -e "$r/$number/directory" ]; }; then
    echo "$d is there already, and not of a deployment: move it away" >&2; exit 1
  fi
  mark making "$number" "$id"
  echo making > "$r/$number/directory"
  mkdir -p releases
  rm -rf "$d"
  entries < "$r/$number/manifest" > "$t/wanted"
  if ! [ -d "$t/stage" ]; then
    cp "$t/wanted" "$t/put"
    gather "$number"
  fi
  : > "$t/left"
  [ "$keep" != yes ] || take_over
  mv "$t/stage" "$d"
  top=$PWD; cd "$d"
  for name in var "$@"; do share "$name"; done
  if ! [ -e bin/buildout ]; then mkdir -p bin; give_engine; fi
  snapshot "$r/$number/manifest" "$t/wanted" "$t/left" > "$r/$number/snapshot"
  cd "$top"
  mark made "$number" "$id"
}

# Whether the engine is zc.buildout, which rewrites its own script if other versions of it, or of what it needs, are
# pinned. So each release needs a script of its own.
is_python() { [ "$(cat "$s/engine" 2>/dev/null)" = python ]; }

# Puts bin/buildout into the directory of a release.
give_engine() { if is_python; then cp -p ../../bin/buildout bin/; else ln -s ../../../bin/buildout bin/; fi; }

# Copies what others have changed in the current release to the stage.
take_over() {
  n=$(live)
  if [ -n "$n" ]; then from=$PWD/releases/$n record=$r/$n/manifest then=$r/$n/snapshot
  else from=$PWD record=$s/checkout then=$s/snapshot; fi
  [ -f "$record" ] || return 0
  (cd "$from" && drift "$record" "$then") > "$t/drift"
  sed 's/^[a-z]* //' "$t/drift" > "$t/left"
  sed -n '/^below /!s/^[a-z]* //p' "$t/drift" | while IFS= read -r p; do
    rm -rf "$t/stage/$p"
    if [ -L "$from/$p" ] || [ -f "$from/$p" ]; then printf '%s\n' "$p"; fi
  done > "$t/taken"
  (cd "$from" && copies "$t/stage") < "$t/taken"
}

# NAME: creates a link in the directory of a release to the NAME that all releases share in the buildout directory.
share() {
  if [ -e "./$1" ] || [ -L "./$1" ]; then echo "release $number has '$1', which releases share" >&2; exit 1; fi
  if ! [ -e "$top/$1" ] && ! [ -L "$top/$1" ]; then mkdir -p "$top/$1"; fi
  case $1 in */*) mkdir -p "./${1%/*}" ;; esac
  ln -s "../../$(printf '%s\n' "$1" | sed 's|[^/]*/|../|g; s|[^/]*$||')$1" "./$1"
}
