# shellcheck shell=sh
# The files of releases. Each release keeps only the files that it brought. The others are kept by the release that
# brought them; if that one was removed, N.left still keeps what other releases need of release N.
# Needs state-functions.sh and checkout-functions.sh before it.
# shellcheck disable=SC2016,SC2034,SC2154

# Prints the names of the directories in `releases` that keep files: the keepers.
keepers() {
  for k in "$r"/*; do
    k=${k##*/}
    case $k in *[!0-9]*) case $k in [0-9]*.left) ;; *) continue ;; esac ;; esac
    [ -f "$r/$k/manifest" ] || continue
    oddity "$k"
    [ -n "$odd" ] || printf '%s\n' "$k"
  done
}

# KEEPER: sets `list` to the name of the file that lists what it keeps.
list_of() { list=$1/brought; [ -f "$r/$list" ] || list=$1/manifest; }

# KEEPER: prints the entries of the files that it keeps. Empty directories need no keeper.
kept() { list_of "$1"; entries < "$r/$list" | sed '/^directory /d'; }

# N ENTRIES: prints the keepers of ENTRIES, release N first if it keeps any. Writes the paths to take from each
# to of/KEEPER, and the entries that nobody keeps to `lacking`.
holders() {
  [ ! -d "$t/of" ] || rm -rf "$t/of"
  mkdir "$t/of"; : > "$t/lacking"
  first=$1 needed=$2; set --
  for k in $(keepers); do
    list_of "$k"
    if [ "$k" = "$first" ]; then set -- "keeper=$k" "$list" "$@"; else set -- "$@" "keeper=$k" "$list"; fi
  done
  (cd "$r" && TO=$t/ LC_ALL=C awk '
    BEGIN { to = ENVIRON["TO"] }
    keeper == "" { if (!/^directory /) { need[$0]; left++ }; next }
    !left { exit }
    $0 in need {
      delete need[$0]; left--
      if (keeper != last) print last = keeper
      print substr($0, length($1 $2 $3) + 4) > (to "of/" keeper)
    }
    END { for (entry in need) print entry > (to "lacking") }' keeper= "$needed" "$@")
}

# N: copies the entries in `put`, of release N, to the stage, except those that nobody keeps.
gather() {
  mkdir -p "$t/stage"
  for k in $(holders "$1" "$t/put"); do
    from=$r/$k/tree
    [ -d "$from" ] || extract "$k"
    (cd "$from" && copies "$t/stage") < "$t/of/$k"
  done
  finish_stage
}

# KEEPER: `archive` prints its archive as tar, `is_whole` tests whether that is undamaged.
archive() { if [ -f "$r/$1/whole.tar" ]; then cat "$r/$1/whole.tar"; else gzip -dc "$r/$1/whole.tgz"; fi; }
is_whole() {
  # As a file, BusyBox tar would skip the content, and not notice that the end is missing.
  if [ -f "$r/$1/whole.tar" ]; then tar -tf - < "$r/$1/whole.tar" > /dev/null 2>&1
  else gzip -t "$r/$1/whole.tgz" 2>/dev/null; fi
}

# KEEPER: extracts the paths in of/KEEPER from its archive, and sets `from` to the directory with the files.
# Extracts nothing from a damaged archive.
extract() {
  from=$t/from/tree
  rm -rf "$t/from"; mkdir -p "$from"
  is_whole "$1" || return 0
  # tar compares each member with each name, which is slow for many, and fails if a name is not found. Some take a
  # backslash in a name for the beginning of an escape.
  if [ "$(grep -c . "$t/of/$1")" -gt 100 ] || grep -q '[\]' "$t/of/$1" || ! archive "$1" > "$t/archive.tar" ||
    ! sed 's|^|tree/|' "$t/of/$1" | tr '\n' '\0' | xargs -r0 tar -xof "$t/archive.tar" -C "$t/from" -- 2>/dev/null
  then archive "$1" | tar -xof - -C "$t/from"; fi
  rm -f "$t/archive.tar"
}

# KEEPER: turns its archive, if it has one, into a tree, which has no files if the archive is damaged.
unpack() {
  [ ! -d "$r/$1/tree" ] || return 0
  rm -rf "$r/$1/unpacked"
  mkdir -p "$r/$1/unpacked/tree" || return 1
  if is_whole "$1"; then archive "$1" | tar -xof - -C "$r/$1/unpacked" || return 1; fi
  mv "$r/$1/unpacked/tree" "$r/$1/tree" && rm -rf "$r/$1/unpacked" "$r/$1"/whole.t* "$r/$1/seen"
}

# KEEPER: prints what stat(1) says about what it keeps. New hard links to a file do not change that.
view() (
  when=%y
  if [ -d "$r/$1/tree" ]; then
    list_of "$1"
    LC_ALL=C awk "$is_entry"'
      !/^directory/ && is_entry() { print "./tree/" substr($0, length($1 $2 $3) + 4) }' "$r/$list"
  else printf '%s\n' ./whole.tar ./whole.tgz; fi | (cd "$r/$1" && stats)
)

# KEEPER...: whether they look as they did when everything in them was last found to be right.
intact() (
  when=%y; cd "$r" || exit 1
  for k; do
    [ -f "$k/seen" ] || exit 1
    shift; set -- "$@" "$k/seen"
  done
  [ $# -gt 0 ] || exit 0
  LC_ALL=C awk "$path_of"'
    { path = path_of($0); print substr($0, 1, length($0) - length(path)) "./" substr(FILENAME, 1, length(FILENAME) - 4) substr(path, 3) }
    ' "$@" > "$t/seen.before"
  [ "$(digest < "$t/seen.before")" = "$(cut -d'|' -f5- "$t/seen.before" | stats | digest)" ]
)

# N: removes release N; N.left keeps the files that other releases may need.
retire() {
  oddity "$1"
  if [ -n "$odd" ] || ! [ -f "$r/$1/manifest" ]; then rm -rf "${r:?}/$1"; return; fi
  left=$r/$1.left
  while [ -e "$left" ] || [ -L "$left" ]; do left=${left%.left}.0.left; done
  mv "$r/$1" "$left"
}
