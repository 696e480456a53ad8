# shellcheck shell=sh
# Puts releases in place and takes them back. state-functions.sh comes first.
# shellcheck disable=SC2016,SC2154,SC2164

# FILE: puts FILE.tmp in place.
replace() { sync "$1.tmp" 2>/dev/null || :; mv -f "$1.tmp" "$1"; }

# LINE [SECONDS]: adds it to the log of releases, with these where it says null, and the time of now.
note() {
  line=$(printf '%s\n' "$1" | sed "s/\"seconds\":null/\"seconds\":${2:-null}/; s/\"start\":null/\"start\":\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\"/")
  {
    if [ -f "$s/releases.jsonl" ]; then
      cat "$s/releases.jsonl"
      [ -z "$(tail -c 1 "$s/releases.jsonl")" ] || echo
    fi
    printf '%s\n' "$line"
  } > "$s/releases.jsonl.tmp"
  replace "$s/releases.jsonl"
}

# ID: notes what the build of release ID looks at, if it has said so.
settle_build() {
  [ -f "$s/settled.paths" ] || return 0
  { echo "$1 $(stats < "$s/settled.paths" | digest)"; cat "$s/settled.paths"; } > "$s/settled.tmp"
  rm -f "$s/settled.paths"
  mv -f "$s/settled.tmp" "$s/settled"
}

# PATH: moves what somebody else has put there to $replaced.
aside() {
  case $1 in */*) mkdir -p "$replaced/${1%/*}" ;; *) mkdir -p "$replaced" ;; esac
  mv -f "./$1" "$replaced/$1"
  printf 'aside %s\n' "$1"
}

# TO: copies the paths that come in, none a directory, from the current directory to the directory TO.
copies() {
  if command -v tar >/dev/null; then each sh -c 'tar -cf - -- "$@" | tar -xof - -C "$0"' "$1"; return; fi
  LC_ALL=C sort > "$t/copied"
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

# FROM: moves all that is below the directory FROM into the current one, by renaming. A directory
# that is not here yet is moved as one.
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

# LIST ENTRIES: removes these paths of ours, and the directories that are empty then and not of ENTRIES.
remove() {
  [ -s "$1" ] || return 0
  : > "$t/files"; : > "$t/folders"
  while IFS= read -r p; do
    if [ -d "./$p" ] && ! [ -L "./$p" ]; then printf '%s\n' "$p" >> "$t/folders"
    else printf '%s\n' "$p" >> "$t/files"; fi
  done < "$1"
  each rm -f < "$t/files"
  above < "$1" >> "$t/folders"
  [ -s "$t/folders" ] || return 0
  { paths_of directory < "$2"; paths < "$2" | above; } > "$t/used"
  beside "$t/used" < "$t/folders" | LC_ALL=C sort -r | each rmdir 2>/dev/null || :
}

# What is not as `wanted` says where nobody knows what lies here. A new directory needs no look.
strange() {
  LC_ALL=C awk '{ path = substr($0, length($1 $2 $3) + 4); sub(/\/.*/, "", path); if (!(path in top)) print path; top[path] }' \
    "$t/wanted" > "$t/tops"
  while IFS= read -r p; do
    if [ -e "./$p" ] || [ -L "./$p" ]; then differences "$t/wanted"; return; fi
  done < "$t/tops"
  paths < "$t/wanted" | sed 's/^/missing /'
}

# KEEP: decides from `wanted`, `recorded` and `drift`, or `strange` where nobody knows what lies here: the
# entries to `put`, and the paths that are `gone`, `left` to those who have changed them, `not` needed of
# a stage that has all, and `foreign`: in the way, and perhaps not ours.
decide() {
  for f in put gone left not foreign; do : > "$t/$f"; done
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
      if (!new || leaves(p)) { print p > (to "not"); next }
      print > (to "put")
      if (!(p in recorded) || recorded[p] == "" ? found[p] !~ /^(missing|below)$/ : sure && found[p] ~ /^(changed|kind|mode)$/) print p > (to "foreign")
    }
    END { for (p in recorded) if (recorded[p] != "" && !(p in wanted) && !leaves(p)) print p > (to "gone") }
  ' step=1 "$found" step=2 "$t/recorded" step=3 "$t/wanted"
}

# KEEP: sets `recorded`, prints what it finds changed by somebody else, and decides, for the entries of `wanted`.
survey() {
  cat "$s/checkout" "$s/checkout.next" 2>/dev/null | entries > "$t/recorded" || :
  : > "$t/drift"; rm -f "$t/strange"
  if [ -e "$s/checkout.next" ] || ! [ -e "$s/checkout" ]; then strange > "$t/strange"
  else drift "$s/checkout" "$s/snapshot" > "$t/drift"
  fi
  grep -v '^below ' "$t/drift" | sed 's/^/drift /' || :
  decide "$1"
}

# N KEEP CHECKED: makes release N the one whose files are in the current directory. It may have been
# cut off before, at any point. What it finds changed by somebody else is kept in place with KEEP=yes.
# Without CHECKED=yes nothing is put in place that is not as the manifest says. `wanted` has the entries of the
# release. Where there is a stage already, it holds all its files, or after `survey` those to put.
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
  { head -n 1 "$m/manifest"; echo "number $1"; cat "$t/wanted"; } > "$s/checkout.next.tmp"
  replace "$s/checkout.next"
  rm -f "$s/snapshot"
  { paths < "$t/put"; cat "$t/gone"; } | above > "$t/above"
  while IFS= read -r d; do
    if [ -L "./$d" ] || { [ -e "./$d" ] && ! [ -d "./$d" ]; }; then
      if paths < "$t/recorded" | grep -Fxq -- "$d" && ! sed 's/^[^ ]* //' "$t/drift" | grep -Fxq -- "$d"; then rm -f "./$d"; else aside "$d"; fi
    fi
  done < "$t/above"
  # What others have made or changed is kept, in another place.
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
  snapshot "$s/checkout" "$t/wanted" "$t/left" > "$s/snapshot.tmp"; mv -f "$s/snapshot.tmp" "$s/snapshot"
  rm -rf "$t/stage"
}

# TREE: copies the entries of `put` from there to the stage, which is on the same file system as
# their places.
fill_stage() {
  sed -n '/^directory /!p' "$t/put" | paths | (cd "$1" && copies "$t/stage")
  finish_stage
}

# ENTRIES: makes those that are empty directories.
empty_directories() { ! grep -q '^directory ' "$1" || paths_of directory < "$1" | each mkdir -p; }

# Makes what copies leave out.
finish_stage() (
  cd "$t/stage"
  empty_directories "$t/put"
  ! grep -q '^file [67]00 ' "$t/put" || sed -n 's/^file [67]00 [^ ]* //p' "$t/put" |
    each sh -c 'for p; do [ ! -f "$p" ] || chmod go= "$p" || exit 1; done' sh
)

# COPIED FOLDER...: keeps what the buildout of the current release has made, for a build that fails.
# The first COPIED of the folders, which programs may change in place, as copies, others as links.
keep_parts() {
  if ! [ -f "$s/current" ] || [ -d "$s/previous" ]; then return 0; fi
  p=$s/previous.tmp copied=$1; shift
  rm -rf "$p"; mkdir -p "$p/kept"
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

# ENTRY: moves what a failed build has left there to `failed`.
put_off() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  rm -rf "$s/failed/$1"; mkdir -p "$(dirname "$s/failed/$1")"; mv -f "$1" "$s/failed/$1"
}

# ENTRY: renames what `previous` keeps of it back. A file is never missing in between.
put_back() {
  if [ -d "$1" ] || [ -d "$old/kept/$1" ]; then put_off "$1"; fi
  mkdir -p "$(dirname "$1")"; mv -f "$old/kept/$1" "$1"
}

# DIRECTORY: does so with each entry of it, since programs in it may be started meanwhile.
put_back_each() {
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do grep -Fxq -- "$e" "$old/copies" || put_off "$e"; done
  for e in "$old/kept/$1"/* "$old/kept/$1"/.[!.]* "$old/kept/$1"/..?*; do
    if [ -e "$e" ] || [ -L "$e" ]; then put_back "$1/${e##*/}"; fi
  done
}

# Puts back what `previous` keeps, and the files of its release. It can be cut off and run again:
# `entries` says what there was, and what has gone from `previous` is back already.
restore() {
  old=$s/previous
  [ -d "$old" ] || return 0
  mkdir -p "$s/failed"
  while IFS= read -r folder; do
    if ! grep -Fxq -- "$folder" "$old/entries"; then put_off "$folder"
    elif [ -d "$folder" ] && ! [ -L "$folder" ] && grep -Fxqs -- "$folder" "$old/copies"; then put_back_each "$folder"
    elif [ -e "$old/kept/$folder" ]; then put_back "$folder"
    fi
  done < "$old/folders"
  read -r number _ < "$old/release"
  rm -rf "$t"; mkdir "$t"
  case $number in *[!0-9]* | '') ;; *)
    m=$r/$number/manifest
    # Without all of it, the files of the failed release stay.
    if [ -f "$m" ] && entries < "$m" > "$t/wanted" && all_there "$m"; then checkout "$number"; fi
  esac
  rm -rf "$old" "$t"
}
