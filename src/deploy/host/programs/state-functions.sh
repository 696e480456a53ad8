# shellcheck shell=sh
# What .hostout in a buildout directory contains:
#   releases/N/manifest  what release N consists of, as lines KIND MODE HASH PATH. KIND is file, link (HASH is that
#                        of its target) or directory (an empty one; HASH is -). Other lines are about the whole:
#                        `release` with its id, and `entries` with their number, which older releases lack.
#   releases/N/brought   the lines of the files that came with release N; without it, all of them did. The others
#                        are kept by the releases that brought them.
#   releases/N/tree      the files that it brought, or, instead, the archive of a release that came whole:
#   releases/N/whole.tgz (or whole.tar)
#   releases/N/seen      what stat(1) printed for these when all of them had been read and were right
#   releases/N.left      the same for a release that was removed, as long as others need what it brought
#   checkout             the manifest of what was put into the buildout directory
#   checkout.next        the same while files are being put there
#   snapshot             what stat(1) printed for these files then
#   settled              what the build of the current release depends on: its id, a hash of what stat(1) printed for
#                        the paths, and the paths; only if nothing else decides what a build does
# Nothing read from there is trusted to be ours, and no link is followed. Programs that use these functions stop at
# the first error (set -e).
# shellcheck disable=SC2016,SC2034,SC2164

# PATH: changes to the buildout directory.
begin() {
  cd "$1" || exit 1
  s=$PWD/.hostout r=$PWD/.hostout/releases t=$PWD/.hostout/incoming
}

# Prints the number of the release whose directory `current` points to, if it points to one.
live() {
  [ -L current ] && link=$(readlink current 2>/dev/null) || return 0
  case $link in releases/*[!0-9]* | releases/ | releases/0*) ;; releases/*) printf '%s\n' "${link#releases/}" ;; esac
}

# Sets t to an empty directory, which is removed when the program ends. Programs that only read change nothing in
# .hostout, not even its timestamps, unless no other place is writable.
scratch() {
  t=$(mktemp -d "${TMPDIR:-/tmp}/hostout-look.XXXXXX" 2>/dev/null) || { t=$s/looking.$$; mkdir "$t"; }
  trap 'rm -rf "$t"' EXIT
}

# For awk: whether a line of a manifest is an entry, and its path is in the buildout directory but not in .hostout.
is_entry='function is_entry(   path) {
  if (!(/^(file|link) [0-7][0-7][0-7] [0-9a-f]+ / && length($3) == 64) && !/^directory [0-7][0-7][0-7] - /) return 0
  path = substr($0, length($1 $2 $3) + 4)
  return path !~ /^\.hostout(\/|$)/ && ("/" path "/") !~ /\/\.?\.?\//
}'
entries() { LC_ALL=C awk "$is_entry"' is_entry()'; }

# N: sets `odd` to what is wrong if something kept of release N cannot be ours, such as a link; otherwise empties
# it. So nothing is read or written through a link.
# shellcheck disable=SC2154
oddity() {
  odd=
  for f in "$r/$1" "$r/$1/tree"; do
    if [ -L "$f" ]; then odd="$f is a link"; elif [ -e "$f" ] && ! [ -d "$f" ]; then odd="$f is not a directory"; fi
    [ -z "$odd" ] || return 0
  done
  for f in manifest brought whole.tar whole.tgz seen snapshot directory; do
    f=$r/$1/$f
    if [ -L "$f" ]; then odd="$f is a link"; elif [ -e "$f" ] && ! [ -f "$f" ]; then odd="$f is not a file"; fi
    [ -z "$odd" ] || return 0
  done
}

# N: whether the files of release N were put into the buildout directory last, and completely.
is_recorded() {
  [ -f "$s/checkout" ] && ! [ -e "$s/checkout.next" ] || return 1
  { read -r _; read -r line_of_number; } < "$s/checkout"
  [ "$line_of_number" = "number $1" ]
}

# MANIFEST: whether `wanted` has as many of its entries as there were when it was written.
all_there() {
  counted=$(sed -n '2s/^entries \([0-9]*\)$/\1/p' "$1")
  [ -z "$counted" ] || [ "$counted" = "$(grep -c . "$t/wanted")" ]
}

# From entries on standard input: their paths, those of one kind, and the entries whose path is, or is not, in FILE.
paths() { sed 's/^[^ ]* [^ ]* [^ ]* //'; }
paths_of() { sed -n "s/^$1 [^ ]* [^ ]* //p"; }
only() { with_paths "$1" 1; }
but() { with_paths "$1" 0; }
with_paths() {
  LC_ALL=C awk -v wanted="$2" '
    listed { names[$0]; next }
    ((substr($0, length($1 $2 $3) + 4) in names) == wanted)' listed=1 "$1" listed=0 -
}

# FILE: prints the lines on standard input that FILE lacks, or those that it has.
beside() { with_lines "$1" 0; }
among() { with_lines "$1" 1; }
with_lines() { LC_ALL=C awk -v wanted="$2" 'listed { names[$0]; next } ($0 in names) == wanted' listed=1 "$1" listed=0 -; }

# Prints the directories above the paths on standard input, each before those in it.
above() {
  LC_ALL=C awk '{
    while (match($0, "/[^/]*$")) {
      $0 = substr($0, 1, RSTART - 1)
      if ($0 in seen) break
      seen[$0]; print
    }
  }' | LC_ALL=C sort
}

# PREFIX COMMAND...: runs it with the lines on standard input as further arguments, each after PREFIX, if there are
# any. The usual few need no other programs, which would take longer than the command.
apply() (
  export LC_ALL=C TZ=UTC0
  prefix=$1; shift; own=$#
  while [ $# -lt $((own + 40)) ]; do
    IFS= read -r p || { [ $# -eq "$own" ] || "$@"; exit; }
    set -- "$@" "$prefix$p"
  done
  { shift "$own"; printf '%s\n' "$@"; sed "s|^|$prefix|"; } | tr '\n' '\0' | {
    for p; do shift; [ "$own" -eq 0 ] || { set -- "$@" "$p"; own=$((own - 1)); }; done
    xargs -r0 "$@"
  }
)

# COMMAND...: the same with paths.
each() { apply ./ "$@"; }

# PATH...: removes files and directories, without starting a program if there are none.
clear_away() {
  for unwanted; do
    if [ -e "$unwanted" ] || [ -L "$unwanted" ]; then rm -rf "$@"; return; fi
  done
}

# Prints what stat says about the paths on standard input, which begin with `./`. The time is that of the last change
# of any kind or, with when=%y, that of the content, which a new hard link does not affect.
when=%z
stats() { apply '' stat -c "%f|%s|%i|$when|%n" 2>/dev/null || :; }

# ENTRIES: prints what stat says about each of them and the directories above it.
look() {
  LC_ALL=C awk '{
    path = "./" substr($0, length($1 $2 $3) + 4)
    print path
    while (match(path, "/[^/]*$") && RSTART > 2) {
      path = substr(path, 1, RSTART - 1)
      if (path in seen) break
      seen[path]; print path
    }
  }' "$1" | stats
}

# For awk: the path in a line that stat has printed, with `./`.
path_of='function path_of(line,   count) {
  while (count++ < 4) line = substr(line, index(line, "|") + 1)
  return line
}'

# RECORD ENTRIES LEFT: prints a snapshot of ENTRIES, except those whose path is in LEFT. If that is all of RECORD, and
# nothing is missing, the first line says so, with a hash of RECORD and one of what stat printed.
snapshot() {
  if [ -s "$3" ]; then but "$3" < "$2" > "$t/seen"; look "$t/seen"; return; fi
  look "$2" > "$t/stats"
  # A missing entry has no line, so it would not be noticed later.
  ! LC_ALL=C awk '
    listed { sub(/^[^|]*\|[^|]*\|[^|]*\|[^|]*\|\.\//, ""); here[$0]; next }
    !(substr($0, length($1 $2 $3) + 4) in here) { exit 1 }' listed=1 "$t/stats" listed=0 "$2" ||
    of "$1" "$t/stats"
  cat "$t/stats"
}

# Prints a hash of what stat says about the paths on standard input, and about what links among them lead to.
state_of() {
  apply '' sh -c 'stat -c "$0" "$@"; stat -Lc "$0" "$@"' "%f|%s|%i|%z|%n" 2>/dev/null | digest
}

# Whether the current release is in place, and everything that its build depends on is as that build left it. Sets `id`
# to the id of the release, and `said` to the hash.
settled() {
  [ -f "$s/settled" ] && [ -f "$s/current" ] && [ -z "$(live)" ] || return 1
  id=; read -r _ id < "$s/current" || :
  word=; read -r word said _ < "$s/settled" || :
  [ -n "$id" ] && [ "$word" = "$id" ] && [ "$said" = "$(past_first state_of < "$s/settled")" ]
}

# COMMAND...: runs it with standard input after its first line.
past_first() { IFS= read -r _ || :; "$@"; }

# RECORD STATS: prints the first line of a snapshot.
of() { sha256sum "$1" "$2" | { read -r record _; read -r said _; echo "of ${record#\\} ${said#\\}"; }; }

digest() { hash=$(sha256sum); echo "${hash%% *}"; }

# RECORD SNAPSHOT: whether everything in RECORD is as it was at SNAPSHOT, as far as stat can tell.
unchanged() {
  word=
  if [ -f "$2" ]; then read -r word record said < "$2" || :; fi
  [ "$word" = of ] && [ "$record" = "$(digest < "$1")" ] && [ "$said" = "$(past_first cut -d'|' -f5- < "$2" | stats | digest)" ]
}

# Prints what sha256sum(1) prints for the targets of the links whose paths are on standard input.
link_hashes() {
  clear_away "$t/targets"; mkdir "$t/targets"
  each sh -c '
    i=0; for p; do i=$((i + 1)); readlink -n "$p" > "$0/$i"; done
    i=0; for p; do i=$((i + 1)); printf "%s\\0" "$0/$i"; done | xargs -r0 sha256sum |
      for p; do read -r hash _; printf "%s  %s\n" "${hash#\\}" "$p"; done' "$t/targets"
}

# ENTRIES [SNAPSHOT]: compares the current directory with ENTRIES, and prints differences as lines WORD PATH:
# `missing`, `kind` (it is something else), `mode`, `changed`; `below` for each entry in a directory that is
# missing or something else. A file that is as it was at SNAPSHOT is not read again. If SNAPSHOT is `arrived`,
# no content is read: the deployer has just sent it and checked it against ENTRIES. Writes what stat says to `looked`.
differences() {
  snapshot=/dev/null
  if [ -n "$2" ] && [ "$2" != arrived ] && [ -f "$2" ]; then snapshot=$2; fi
  look "$1" > "$t/looked"
  LC_ALL=C awk -v arrived="$2" '
    function after(text, count) { while (count-- > 0) text = substr(text, index(text, "|") + 1); return substr(text, 3) }
    # The topmost path above it that is not a directory; empty if there is none.
    function obstacle(path,   up) {
      if (!match(path, "/[^/]*$")) return ""
      up = substr(path, 1, RSTART - 1)
      if (!(up in above)) { above[up] = obstacle(up); if (above[up] == "" && type[up] != "directory") above[up] = up }
      return above[up]
    }
    step == 1 { same[$0]; next }
    step == 2 {
      path = substr($0, length($1 $2 $3) + 4)
      kind[path] = $1; program[path] = $2 ~ /^7/; order[++count] = path; next
    }
    {
      path = after($0, 4)
      type[path] = /^8...\|/ ? "file" : /^a...\|/ ? "link" : /^4...\|/ ? "directory" : "other"
      runs[path] = /^..[4-7c-f]/
      if ($0 in same || arrived == "arrived") intact[path]
    }
    END {
      for (i = 1; i <= count; i++) {
        path = order[i]; bad = obstacle(path)
        if (bad != "") {
          if (!(bad in told)) print (type[bad] == "" ? "missing " : "kind ") bad
          told[bad]; print "below " path
        }
        else if (type[path] == "") print "missing " path
        else if (type[path] != kind[path]) print "kind " path
        else if (kind[path] == "file" && program[path] != runs[path]) print "mode " path
        else if (kind[path] != "directory" && !(path in intact)) print "check-" kind[path] " " path
      }
    }' step=1 "$snapshot" step=2 "$1" step=3 "$t/looked" > "$t/differ"
  [ -s "$t/differ" ] || return 0
  grep -v '^check-' "$t/differ" || :
  if grep -q '^check-' "$t/differ"; then
    {
      sed -n 's/^check-file //p' "$t/differ" | each sha256sum
      sed -n 's/^check-link //p' "$t/differ" | link_hashes
    } | LC_ALL=C awk '
      # GNU sha256sum adds a backslash to a line if the name contains one.
      sub(/^\\/, "") { gsub(/\\\\/, "\\") }
      step == 1 { is[substr($0, 69)] = substr($0, 1, 64); next }
      { path = substr($0, length($1 $2 $3) + 4); if (path in is) { if (is[path] != $3) print "changed " path; delete is[path] } }
      ' step=1 - step=2 "$1"
  fi
}

# RECORD SNAPSHOT: prints what `differences` finds for everything in RECORD. Usually stat alone shows that nothing
# has changed.
drift() { unchanged "$1" "$2" || changes "$1" "$2"; }
changes() {
  entries < "$1" > "$t/recorded"
  differences "$t/recorded" "$2"
}
