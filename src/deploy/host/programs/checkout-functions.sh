# shellcheck shell=sh
# Puts releases in place and restores them. Needs state-functions.sh before it.
# shellcheck disable=SC2016,SC2154,SC2164

# FILE: replaces FILE with FILE.tmp.
replace() { sync "$1.tmp" 2>/dev/null || :; mv -f "$1.tmp" "$1"; }

# LINE [SECONDS]: adds LINE to the log of releases; `null` becomes SECONDS in "seconds" and the time in "start".
note() {
  entry=$1
  case $entry in *'"seconds":null'*) entry=${entry%%'"seconds":null'*}'"seconds":'${2:-null}${entry#*'"seconds":null'} ;; esac
  case $entry in *'"start":null'*) entry=${entry%%'"start":null'*}'"start":"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'"'${entry#*'"start":null'} ;; esac
  {
    # Ends also a line that was cut off.
    [ ! -f "$s/releases.jsonl" ] || LC_ALL=C awk 1 "$s/releases.jsonl"
    printf '%s\n' "$entry"
  } > "$s/releases.jsonl.tmp"
  replace "$s/releases.jsonl"
}

# ID CONFIGURATION: records what the build of release ID depends on, if the build has reported it. Not its
# CONFIGURATION, which has another name in each release: it is one of the files that the release consists of.
settle_build() {
  [ -f "$s/settled.paths" ] || return 0
  # In other locales, GNU grep leaves out lines that are not text.
  LC_ALL=C grep -Fxv -- "$(pwd -P)/$2" "$s/settled.paths" > "$s/settled.tmp" && mv "$s/settled.tmp" "$s/settled.paths"
  {
    echo "$1 $(state_of < "$s/settled.paths")"
    cat "$s/settled.paths"
  } > "$s/settled.tmp"
  rm -f "$s/settled.paths"
  mv -f "$s/settled.tmp" "$s/settled"
}

# ID: the same for a release that changes none of it, after `settled`.
settle_again() {
  { echo "$1 $said"; past_first cat < "$s/settled"; } > "$s/settled.tmp"
  mv -f "$s/settled.tmp" "$s/settled"
}

# PATH: moves what somebody else has put there to $replaced.
aside() {
  case $1 in */*) mkdir -p "$replaced/${1%/*}" ;; *) mkdir -p "$replaced" ;; esac
  mv -f "./$1" "$replaced/$1"
  printf 'aside %s\n' "$1"
}

# TO: copies the paths on standard input, none of them a directory, from the current directory to TO.
copies() {
  LC_ALL=C sort > "$t/copied"
  if command -v tar >/dev/null; then
    # GNU tar takes \1 or \n in a name for another character.
    sed '/\\/d' "$t/copied" | each sh -c 'tar -cf - -- "$@" | tar -xof - -C "$0"' "$1"
    grep '[\]' "$t/copied" > "$t/copied.odd" || return 0
    mv "$t/copied.odd" "$t/copied"
  fi
  (
    to=$1 last=; set --
    while IFS= read -r p; do
      if ! [ -e "./$p" ] && ! [ -L "./$p" ]; then continue; fi
      d=/${p%/*}
      [ "/$p" != "$d" ] || d=
      if [ $# -eq 200 ] || { [ $# -gt 0 ] && [ "$d" != "$last" ]; }; then
        mkdir -p "$to$last"; cp -Pp "$@" "$to$last/"; set --
      fi
      last=$d; set -- "$@" "./$p"
    done < "$t/copied"
    [ $# -eq 0 ] || { mkdir -p "$to$last"; cp -Pp "$@" "$to$last/"; }
  )
}

# FROM: moves everything in the directory FROM into the current one, by renaming. A directory that does not exist
# here yet is moved as a whole.
place() {
  (cd "$1" && find . -type d) | LC_ALL=C sort > "$t/directories"
  while IFS= read -r d; do
    d=${d#./}
    [ -d "$1/$d" ] || continue
    if ! [ -e "./$d" ] && ! [ -L "./$d" ]; then mv "$1/$d" "./$d"; continue; fi
    if [ -L "./$d" ] || ! [ -d "./$d" ]; then aside "$d"; mv "$1/$d" "./$d"; continue; fi
    (
      from=$1; set --
      for f in "$from/$d"/* "$from/$d"/.[!.]* "$from/$d"/..?*; do
        if [ -d "$f" ] && ! [ -L "$f" ]; then continue; fi
        [ -e "$f" ] || [ -L "$f" ] || continue
        n=$d/${f##*/}; n=${n#./}
        if [ -d "./$n" ] && ! [ -L "./$n" ]; then aside "$n"; fi
        set -- "$@" "$f"
        [ $# -lt 200 ] || { mv -f "$@" "./$d/"; set --; }
      done
      [ $# -eq 0 ] || mv -f "$@" "./$d/"
    )
  done < "$t/directories"
}

# LIST ENTRIES: removes the paths in LIST, which are ours, and directories that become empty and are not in ENTRIES.
remove() {
  [ -s "$1" ] || return 0
  : > "$t/files"; : > "$t/folders"
  deep=
  while IFS= read -r p; do
    case $p in */*) deep=yes ;; esac
    if [ -d "./$p" ] && ! [ -L "./$p" ]; then printf '%s\n' "$p" >> "$t/folders"
    else printf '%s\n' "$p" >> "$t/files"; fi
  done < "$1"
  each rm -f < "$t/files"
  [ -z "$deep" ] || above < "$1" >> "$t/folders"
  [ -s "$t/folders" ] || return 0
  { paths_of directory < "$2"; paths < "$2" | above; } > "$t/used"
  beside "$t/used" < "$t/folders" | LC_ALL=C sort -r | each rmdir 2>/dev/null || :
}

# Whether nothing is at the paths in `wanted`, nor at what is above them. Writes the topmost of these to `tops`.
vacant() {
  LC_ALL=C awk '{ path = substr($0, length($1 $2 $3) + 4); sub(/\/.*/, "", path); if (!(path in top)) print path; top[path] }' \
    "$t/wanted" > "$t/tops"
  while IFS= read -r p; do
    if [ -e "./$p" ] || [ -L "./$p" ]; then return 1; fi
  done < "$t/tops"
}

# KEEP ENTRIES: decides from ENTRIES, `recorded` and `drift`, or from `strange` if nothing is certain. Writes the
# entries to `put`, and paths to the other files: `moved` (all of `put` and `gone`), `gone` (to be removed), `left` (somebody changed them, and they stay),
# `not` (not needed in a stage that has everything), `foreign` (in the way, and perhaps not ours).
decide() {
  for f in put moved gone left not foreign; do : > "$t/$f"; done
  sure=yes found=$t/drift
  [ ! -f "$t/strange" ] || sure='' found=$t/strange
  TO=$t/ LC_ALL=C awk -v keep="$1" -v sure="$sure" '
    BEGIN { to = ENVIRON["TO"] }
    function path() { return substr($0, length($1 $2 $3) + 4) }
    function leaves(p) { return sure && keep == "yes" && (p in found) }
    step == 1 { p = substr($0, length($1) + 2); found[p] = $1; if (leaves(p)) print p > (to "left"); next }
    step == 2 { recorded[path()] = $0; next }
    {
      p = path(); wanted[p]
      new = (p in found) || (sure && recorded[p] != $0)
      if (!new && $1 != "directory") stays[p]
      if (!new || leaves(p)) { print p > (to "not"); next }
      print > (to "put"); print p > (to "moved")
      if (!(p in recorded) || recorded[p] == "" ? found[p] !~ /^(missing|below)$/ : sure && found[p] ~ /^(changed|kind|mode)$/) print p > (to "foreign")
    }
    # Nothing of ours is left below a file or link that is already right, and the link must not be followed.
    function settled(p) {
      while (match(p, "/[^/]*$")) { p = substr(p, 1, RSTART - 1); if (p in stays) return 1 }
      return 0
    }
    END { for (p in recorded) if (recorded[p] != "" && !(p in wanted) && !leaves(p) && !settled(p)) { print p > (to "gone"); print p > (to "moved") } }
  ' step=1 "$found" step=2 "$t/recorded" step=3 "$2"
}

# KEEP [NEW]: sets `recorded`, prints what somebody else has changed, and decides what to do with the entries in
# `wanted`. With NEW, everything was as recorded a moment ago, so only what changes is looked at: NEW has the entries
# of `wanted` that are not recorded, and `recorded` only those that are not in `wanted`. Sets `part` to what is put in
# place: `some` of the entries, `all` of them where nothing was, or nothing if that is not known.
survey() {
  : > "$t/drift"
  part=${2:+some}
  if [ "$part" = some ]; then differences "$t/recorded" "$s/snapshot" > "$t/drift"
  else
    rm -f "$t/strange"
    cat "$s/checkout" "$s/checkout.next" 2>/dev/null | entries > "$t/recorded" || :
    if ! [ -e "$s/checkout.next" ] && [ -e "$s/checkout" ]; then drift "$s/checkout" "$s/snapshot" > "$t/drift"
    elif ! vacant; then differences "$t/wanted" > "$t/strange"
    elif [ -s "$t/recorded" ]; then paths < "$t/wanted" | sed 's/^/missing /' > "$t/strange"
    else
      part=all
      for f in gone left not foreign; do : > "$t/$f"; done
      cp "$t/wanted" "$t/put"
      paths < "$t/put" > "$t/moved"
      return
    fi
  fi
  [ ! -s "$t/drift" ] || sed '/^below /d; s/^/drift /' "$t/drift"
  decide "$1" "${2:-$t/wanted}"
}

# N KEEP CHECKED: puts the files of release N into the current directory. An earlier run may have been cut off at
# any point. With KEEP=yes, what somebody else has changed stays in place. Without CHECKED=yes, only files that match
# the manifest are put in place. `wanted` has the entries of the release. If there is a stage already, it has
# all files of the release or, after `survey`, those in `put`.
checkout() {
  m=$r/$1 replaced=$s/replaced/$1
  while [ -e "$replaced" ]; do replaced=$replaced+; done
  if ! [ -e "$t/decided" ]; then
    survey "$2"
    if [ -d "$t/stage" ]; then (cd "$t/stage" && remove "$t/not" "$t/put"); else gather "$1"; fi
  fi
  if [ "$3" != yes ]; then
    (cd "$t/stage" && differences "$t/put") | sed -n 's/^[a-z]* //p' | tee -a "$t/left" | sed 's/^/damaged /'
    only "$t/left" < "$t/put" | paths | (cd "$t/stage" && each rm -f)
  fi
  IFS= read -r first < "$m/manifest" || :
  { printf '%s\nnumber %s\n' "$first" "$1"; cat "$t/wanted"; } > "$s/checkout.next.tmp"
  replace "$s/checkout.next"
  # Until it is made again, it says nothing about this release.
  [ ! -f "$s/snapshot" ] || mv -f "$s/snapshot" "$t/snapshot"
  above < "$t/moved" > "$t/above"
  while IFS= read -r d; do
    if [ -L "./$d" ] || { [ -e "./$d" ] && ! [ -d "./$d" ]; }; then
      if paths < "$t/recorded" | grep -Fxq -- "$d" && ! sed 's/^[^ ]* //' "$t/drift" | grep -Fxq -- "$d"; then rm -f "./$d"; else aside "$d"; fi
    fi
  done < "$t/above"
  # What others have made or changed is kept in another place.
  while IFS= read -r p; do
    if [ -L "./$p" ] || [ -f "./$p" ]; then printf '%s\n' "$p"; fi
  done < "$t/foreign" > "$t/kept"
  if [ -s "$t/kept" ]; then
    mkdir -p "$replaced"
    copies "$replaced" < "$t/kept"
    sed 's/^/aside /' "$t/kept"
  fi
  remove "$t/gone" "$t/wanted"
  place "$t/stage"
  mv -f "$s/checkout.next" "$s/checkout"
  if [ -s "$t/left" ]; then part=; fi
  case $part in
    some) renew "$s/checkout" "$t/snapshot" "$t/moved" "$t/above" ;;
    # Only these have been moved since they were looked at in the stage.
    all) renew "$s/checkout" "$t/looked" "$t/tops" ;;
    *) snapshot "$s/checkout" "$t/wanted" "$t/left" ;;
  esac > "$s/snapshot.tmp"
  mv -f "$s/snapshot.tmp" "$s/snapshot"
}

# RECORD SNAPSHOT PATHS...: prints a snapshot of RECORD. Since SNAPSHOT was made, only what is at the paths in the files
# PATHS has changed, at which all of `put` is, or below which.
renew() {
  recorded=$1 before=$2; shift 2
  LC_ALL=C awk '!($0 in seen) { seen[$0]; print "./" $0 }' "$@" > "$t/touched"
  stats < "$t/touched" > "$t/touched.stats"
  # A missing entry has no line, so it would not be noticed later. The first line of SNAPSHOT can be about all of it.
  LC_ALL=C awk "$path_of"'
    step == 1 { touched[$0]; next }
    step == 2 { needed["./" substr($0, length($1 $2 $3) + 4)]; next }
    /^of / { next }
    { path = path_of($0) }
    step == 3 || !(path in touched) { print; delete needed[path] }
    END { for (path in needed) exit 1 }' \
    step=1 "$t/touched" step=2 "$t/put" step=3 "$t/touched.stats" step=4 "$before" > "$t/stats" &&
    of "$recorded" "$t/stats"
  cat "$t/stats"
}

# TREE: copies the entries in `put` from TREE to the stage, which is on the same file system as the buildout.
fill_stage() {
  sed -n '/^directory /!p' "$t/put" | paths | (cd "$1" && copies "$t/stage")
  finish_stage
}

# ENTRIES: creates its empty directories.
empty_directories() { ! grep -q '^directory ' "$1" || paths_of directory < "$1" | each mkdir -p; }

# Does what `copies` does not: creates empty directories, and keeps private files from other users.
finish_stage() (
  cd "$t/stage"
  empty_directories "$t/put"
  ! grep -q '^file [67]00 ' "$t/put" || sed -n 's/^file [67]00 [^ ]* //p' "$t/put" |
    each sh -c 'for p; do [ ! -f "$p" ] || chmod go= "$p" || exit 1; done' sh
)

# COPIED FOLDER...: keeps what the buildout of the current release has made, in case the next build fails. Copies
# the first COPIED of the directories, since programs may change them in place, and makes hard links for the others.
keep_parts() {
  if ! [ -f "$s/current" ] || [ -d "$s/previous" ]; then return 0; fi
  p=$s/previous.tmp copied=$1; shift
  clear_away "$p"; mkdir -p "$p/kept"
  printf '%s\n' "$@" > "$p/folders"; : > "$p/entries"; : > "$p/copies"
  for e; do
    copied=$((copied - 1))
    [ -e "$e" ] || continue
    case $e in */*) mkdir -p "$p/kept/${e%/*}" ;; esac
    if [ "$copied" -ge 0 ]; then cp -a "$e" "$p/kept/$e"; find "$e" >> "$p/copies"
    else cp -al "$e" "$p/kept/$e" 2>/dev/null || { rm -rf "$p/kept/$e"; cp -a "$e" "$p/kept/$e"; }
    fi
    printf '%s\n' "$e" >> "$p/entries"
  done
  cp "$s/current" "$p/release"
  mv "$p" "$s/previous"
}
