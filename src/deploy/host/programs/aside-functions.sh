# shellcheck shell=sh
# Releases in directories of their own (`atomic`), beside what state-functions.sh says of .hostout:
#   ../releases/N          the directory of release N
#   ../current             a link to the one that counts; `.` is the buildout folder itself
#   releases/N/directory   that there is one and it is ours; `built` says that nothing is missing in it
#   releases/N/snapshot    what stat(1) said of its files when they were put there
#   aside                  STATE N ID of the directory that was made last, and that `current` does not lead
#                          to yet: STATE is making, made, building, built or failed
# state-functions.sh and checkout-functions.sh come first.
# shellcheck disable=SC2154,SC2164

# STATE N ID: notes how far the directory is.
mark() { printf '%s %s %s\n' "$1" "$2" "$3" > "$s/aside.tmp" && replace "$s/aside"; }

# TARGET: `current` leads there from now on. Without a moment in which there is no such link: into a
# directory mv renames, and were the link itself the target, it would go where that leads.
point() {
  rm -rf "$s/link"; mkdir "$s/link"
  ln -s "$1" "$s/link/current"
  mv -f "$s/link/current" .
  rm -rf "$s/link"
  sync . 2>/dev/null || :
}

# The number of the directory that was made last.
aside_number() { [ ! -f "$s/aside" ] || sed -n '1s/^[a-z]* \([0-9]*\) .*/\1/p' "$s/aside"; }

# Removes the directory that `current` was never switched to. If it was, the deployment was cut off right
# after the switch: the release is fine, and only noted.
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

# N ID KEEP NAME...: makes the directory of release N, whose files are in a stage or stored. Releases
# share the NAMEs. With KEEP=yes, what others have changed in the current release is taken over.
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

# Whether the engine is zc.buildout, which writes its own script anew where versions of it, or of what it
# needs, are pinned to others: each release has a script of its own then.
is_python() { [ "$(cat "$s/engine" 2>/dev/null)" = python ]; }

# Puts bin/buildout into the directory of a release.
give_engine() { if is_python; then cp -p ../../bin/buildout bin/; else ln -s ../../../bin/buildout bin/; fi; }

# Puts into the stage what others have changed in the current release.
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

# NAME: makes it, in the directory of a release, a link to what releases share in the buildout folder.
share() {
  if [ -e "./$1" ] || [ -L "./$1" ]; then echo "release $number has '$1', which releases share" >&2; exit 1; fi
  if ! [ -e "$top/$1" ] && ! [ -L "$top/$1" ]; then mkdir -p "$top/$1"; fi
  case $1 in */*) mkdir -p "./${1%/*}" ;; esac
  ln -s "../../$(printf '%s\n' "$1" | sed 's|[^/]*/|../|g; s|[^/]*$||')$1" "./$1"
}

# N: removes release N, but for one that `current` leads to, and for what `sweep` may find needed of it.
# `stays N`: not all of its directory can be removed.
drop() {
  [ "$1" != "$(live)" ] || return 0
  if [ -e "$r/$1/directory" ]; then
    echo making > "$r/$1/directory"
    rm -rf "${PWD:?}/releases/$1" 2>/dev/null || { echo "stays $1"; return 0; }
  fi
  retire "$1"
  rm -rf "$s/replaced/$1" "$s/replaced/$1"+*
}

# N: the seconds since its files began to be put in place, or null.
took() {
  if read -r attempt start < "$s/attempt" && [ "$attempt" = "$1" ]; then echo $(($(date +%s) - start)); else echo null; fi
} 2>/dev/null

# DIRECTORY: names the parts with an entry of the crontab that a buildout has installed there.
crontab_parts() {
  [ -f "$1/.installed.cfg" ] || return 0
  sed -n '/^\[.*\]$/{s/^\[\(.*\)\]$/\1/;h;}; /^recipe = z3c\.recipe\.usercrontab$/{g;p;}' "$1/.installed.cfg"
}

# DIRECTORY: of the entries that parts of releases have in the crontab of this user, leaves those of the
# buildout there.
settle_crontab() { identifiers "$1" | settle_entries "$s/crontab"; }

# Lets the group write what was made in var.
share_var() {
  [ ! -d var ] || find var -user "$(id -un)" ! -type l ! -perm -020 -exec chmod g+w {} +
}
