# shellcheck shell=sh
# The files that releases are made of. Each release keeps those that it brought; what it shares with others is
# found with the one that brought it, which may have gone: N.left keeps what others still need of release N.
# state-functions.sh and checkout-functions.sh come first.
# shellcheck disable=SC2016,SC2034,SC2154

# The names of the directories in `releases` that keep files.
keepers() {
  for k in "$r"/*; do
    k=${k##*/}
    case $k in *[!0-9]*) case $k in [0-9]*.left) ;; *) continue ;; esac ;; esac
    [ -f "$r/$k/manifest" ] || continue
    oddity "$k"
    [ -n "$odd" ] || printf '%s\n' "$k"
  done
}

# KEEPER: the name of the file that says what it keeps.
list_of() { if [ -f "$r/$1/brought" ]; then echo "$1/brought"; else echo "$1/manifest"; fi; }

# KEEPER: the entries that it keeps. Empty directories need no keeper.
kept() { entries < "$r/$(list_of "$1")" | sed '/^directory /d'; }

# N ENTRIES: the keepers of ENTRIES, release N first where it keeps any. of/KEEPER gets the paths of those that
# are taken from it, and `lacking` the entries that nobody keeps.
holders() {
  rm -rf "$t/of"; mkdir "$t/of"; : > "$t/lacking"
  first=$1 needed=$2; set --
  for k in $(keepers); do
    if [ "$k" = "$first" ]; then set -- "keeper=$k" "$(list_of "$k")" "$@"
    else set -- "$@" "keeper=$k" "$(list_of "$k")"; fi
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

# N: copies the entries of `put`, of release N, to the stage; what nobody keeps is not there then.
gather() {
  mkdir -p "$t/stage"
  for k in $(holders "$1" "$t/put"); do
    from=$r/$k/tree
    [ -d "$from" ] || extract "$k"
    (cd "$from" && copies "$t/stage") < "$t/of/$k"
  done
  finish_stage
}

# KEEPER: prints its archive; whether that is whole.
archive() { if [ -f "$r/$1/whole.tar" ]; then cat "$r/$1/whole.tar"; else gzip -dc "$r/$1/whole.tgz"; fi; }
is_whole() {
  if [ -f "$r/$1/whole.tar" ]; then tar -tf "$r/$1/whole.tar" > /dev/null 2>&1
  else gzip -t "$r/$1/whole.tgz" 2>/dev/null; fi
}

# KEEPER: takes the paths of of/KEEPER out of its archive, and sets `from` to where they are. Of a damaged
# archive nothing is there then.
extract() {
  from=$t/from/tree
  rm -rf "$t/from"; mkdir -p "$from"
  is_whole "$1" || return 0
  # Tar compares each member with each name, and fails where there is none of a name.
  if [ "$(grep -c . "$t/of/$1")" -gt 100 ] || ! archive "$1" > "$t/archive.tar" ||
    ! sed 's|^|tree/|' "$t/of/$1" | tr '\n' '\0' | xargs -r0 tar -xof "$t/archive.tar" -C "$t/from" -- 2>/dev/null
  then archive "$1" | tar -xof - -C "$t/from"; fi
  rm -f "$t/archive.tar"
}

# KEEPER: makes the tree of one that has only an archive. Where that is damaged, the tree has no files.
unpack() {
  [ ! -d "$r/$1/tree" ] || return 0
  rm -rf "$r/$1/unpacked"
  mkdir -p "$r/$1/unpacked/tree" || return 1
  if is_whole "$1"; then archive "$1" | tar -xof - -C "$r/$1/unpacked" || return 1; fi
  mv "$r/$1/unpacked/tree" "$r/$1/tree" && rm -rf "$r/$1/unpacked" "$r/$1"/whole.t* "$r/$1/seen"
}

# KEEPER: a hash of what stat(1) says of what it keeps; links to a file leave that alone.
view() (
  when=%y
  if [ -d "$r/$1/tree" ]; then
    entries < "$r/$(list_of "$1")" | sed '/^directory /d; s|^[^ ]* [^ ]* [^ ]* |./|' | (cd "$r/$1/tree" && stats)
  else cd "$r/$1" && printf '%s\n' whole.tar whole.tgz | stats; fi | digest
)

# KEEPER: whether it looks as it did when all of it was right.
intact() { [ -f "$r/$1/seen" ] && [ "$(view "$1")" = "$(cat "$r/$1/seen")" ]; }

# KEEPER: reads all that it keeps, and prints the entries that are not as they should be.
harmed() {
  kept "$1" > "$t/kept"
  from=$r/$1/tree
  if ! [ -d "$from" ]; then mkdir -p "$t/of"; paths < "$t/kept" > "$t/of/$1"; extract "$1"; fi
  (cd "$from" && differences "$t/kept") | sed 's/^[a-z]* //' > "$t/names"
  only "$t/names" < "$t/kept"
}

# FROM: puts the entries of `mended` from the directory FROM into all that keep them.
mend() {
  for k in $(keepers); do
    kept "$k" | among "$t/mended" > "$t/theirs"
    [ -s "$t/theirs" ] || continue
    unpack "$k"
    rm -rf "$r/$k/mended" "$r/$k/seen"; mkdir "$r/$k/mended"
    paths < "$t/theirs" | (cd "$1" && copies "$r/$k/mended")
    (cd "$r/$k/tree" && place "$r/$k/mended") > /dev/null
    rm -rf "$r/$k/mended"
  done
}

# N: release N goes, but for what others may need of it.
retire() {
  oddity "$1"
  if [ -n "$odd" ] || ! [ -f "$r/$1/manifest" ]; then rm -rf "${r:?}/$1"; return; fi
  left=$r/$1.left
  while [ -e "$left" ]; do left=${left%.left}.0.left; done
  mv "$r/$1" "$left"
}

# Removes what is left of releases that have gone and no other release needs. Where the disk is full, it stays.
sweep() (
  t=$t.sweep; set --
  for k in $(keepers); do
    case $k in
      *.left)
        # Of nothing, awk says nothing.
        if [ -s "$r/$(list_of "$k")" ]; then set -- "$@" step=left "keeper=$k" "$(list_of "$k")"
        else rm -rf "${r:?}/$k"; fi ;;
      *)
        set -- step=kept "$(list_of "$k")" "$@"
        [ ! -f "$r/$k/brought" ] || set -- step=named "$k/manifest" "$@" ;;
    esac
  done
  case " $* " in *' step=left '*) ;; *) return 0 ;; esac
  trap 'rm -rf "$t"' EXIT
  rm -rf "$t"; mkdir -p "$t/of" || return 1
  cd "$r" || return 1
  TO=$t/of/ LC_ALL=C awk '
    !/^(file|link) / { next }
    step == "named" { if (!($0 in kept)) need[$0]; next }
    step == "kept" { kept[$0]; delete need[$0]; next }
    {
      all[keeper]++
      if ($0 in need) { delete need[$0]; live[keeper]++; print > (ENVIRON["TO"] keeper) }
    }
    END { for (keeper in all) print keeper, all[keeper], live[keeper] + 0 }' "$@" > "$t/left" || return 1
  while read -r k all live; do
    if [ "$live" -eq 0 ]; then rm -rf "${r:?}/$k"; continue; fi
    # An archive stays or goes as one.
    if [ "$live" -eq "$all" ] || { ! [ -d "$r/$k/tree" ] && [ $((live * 2)) -gt "$all" ]; }; then continue; fi
    [ "$(grep -c . "$t/of/$k")" -eq "$live" ] && unpack "$k" || return 1
    sure=; ! intact "$k" || sure=yes
    kept "$k" | beside "$t/of/$k" | paths > "$t/gone" || return 1
    mv "$t/of/$k" "$r/$k/brought.tmp" && replace "$r/$k/brought" || return 1
    rm -f "$r/$k/seen"
    (cd "$r/$k/tree" && remove "$t/gone" "$r/$k/brought")
    [ "$sure" != yes ] || view "$k" > "$r/$k/seen"
  done < "$t/left"
)
