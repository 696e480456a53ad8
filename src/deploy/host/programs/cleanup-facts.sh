# shellcheck shell=sh
# PATH CACHE SHARED GOING DIRECTORY...: prints what is in the cache of a buildout directory, and what the kept
# releases use of it: those of PATH except GOING, and those of all other directories that use the cache, or may,
# such as each DIRECTORY. Changes nothing. Lines:
#   file=SIZE NAME     a file in downloads/dist
#   egg=KILOBYTES NAME an egg, by its path below eggs
#   directory=         a directory that can be read, followed by
#   release=           a kept release, or place= for what is in place, followed by
#   pin=NAME VERSION   what it pins; other options in its configurations may look the same
#   used=NAME          an egg that something in place uses
#   unknown=DIRECTORY  a directory that cannot be read, or whose releases cannot. Without SHARED=yes, those of other
#                      users are left out, since they have their own caches.
#   left=NAME          something left by a program that was cut off
# Needs the functions and cache-functions.sh before it.
# shellcheck disable=SC2034,SC2154
set -e; umask 077; begin "$1"
cache=$2 shared=$3 going=$4; shift 4
scratch

# RELEASE: prints its configurations.
configurations() {
  LC_ALL=C sed -n '/^file .*\.cfg$/p' "$1/manifest" | entries > "$t/put"
  [ -s "$t/put" ] || return 1
  rm -rf "$t/stage"
  r=${1%/*}
  gather "${1##*/}" && ! [ -s "$t/lacking" ] && (cd "$t/stage" && paths < "$t/put" | each cat)
}

shown() { LC_ALL=C sed -n 's|^\([@A-Za-z0-9][@/A-Za-z0-9._-]*\) *= *\([^ ]*\)$|pin=\1 \2|p' "$1" | LC_ALL=C sort -u; }

# DIRECTORY: prints what its releases and its files in place use.
named() {
  [ -d "$1/.hostout" ] || return 0
  if ! [ "$shared" = yes ] && [ "$(stat -c %u "$1/.hostout")" != "$(id -u)" ]; then return 0; fi
  if ! [ -r "$1/.hostout" ] || ! [ -x "$1/.hostout" ]; then echo "unknown=$1"; return; fi
  if [ -e "$1/.hostout/releases" ] && ! [ -r "$1/.hostout/releases" ]; then echo "unknown=$1"; return; fi
  echo directory=
  for manifest in "$1/.hostout/releases"/*/manifest; do
    [ -f "$manifest" ] || continue
    n=${manifest%/manifest}; n=${n##*/}
    case $n in *[!0-9]*) continue ;; esac
    if is_here "$1"; then case " $going " in *" $n "*) continue ;; esac; fi
    if ! configurations "${manifest%/manifest}" > "$t/pins" 2>/dev/null; then echo "unknown=$1"; return; fi
    echo release=; shown "$t/pins"
  done
  for p in "$1" "$1/releases"/*; do
    case " $going " in *" ${p##*/} "*) if [ "$p" != "$1" ] && is_here "$1"; then continue; fi ;; esac
    if [ -f "$p/pinned.cfg" ]; then
      cat "$p/pinned.cfg" > "$t/pins" 2>/dev/null || { echo "unknown=$1"; return; }
      echo place=; shown "$t/pins"
    fi
    for f in bin develop-eggs parts .installed.cfg; do
      [ ! -e "$p/$f" ] || LC_ALL=C grep -rhoE '[A-Za-z0-9_.!+-]+\.egg' "$p/$f" 2>/dev/null || :
    done | LC_ALL=C sort -u | sed 's/^/used=/'
  done
}

named "$PWD"
{ cache_users "$cache"; for d; do printf '%s\n' "$d"; done; } > "$t/users"
while IFS= read -r d; do
  if [ "$d" = '?' ]; then echo "unknown=$cache/directories"
  elif is_here "$d"; then :
  elif [ -d "$d" ]; then named "$d"
  elif [ "$shared" = yes ] && ! gone "$d"; then echo "unknown=$d"
  fi
done < "$t/users"
for f in "$cache/downloads/dist"/*; do
  if [ -L "$f" ] || ! [ -f "$f" ]; then continue; fi
  printf 'file=%s %s\n' "$(wc -c < "$f" | tr -d ' ')" "${f##*/}"
done
for f in "$cache/eggs"/*.egg "$cache/eggs"/*/*.egg; do
  if [ -L "$f" ] || ! [ -e "$f" ]; then continue; fi
  case ${f#"$cache/eggs/"} in *.egg/*) continue ;; esac
  printf 'egg=%s %s\n' "$(du -sk "$f" | cut -f 1)" "${f#"$cache/eggs/"}"
done
[ ! -f "$s/aside" ] || grep -q '^made ' "$s/aside" || echo left=aside
for f in "$s"/releases/*.tmp "$s"/looking.*; do
  [ ! -e "$f" ] || [ "$f" = "$t" ] || printf 'left=%s\n' "${f##*/}"
done
