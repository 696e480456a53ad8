# shellcheck shell=sh
# PART TARGET: unpacks the archive on standard input under the name PART. Then that becomes TARGET,
# or its files are put into a TARGET that is there.
set -e
part=$1 target=$2
trap 'rm -rf -- "$part"' EXIT
trap 'exit 143' HUP INT TERM
mkdir -p -- "$part"
tar -xzf - -C "$part"
# WHAT PATH: what is at PATH stays.
refuse() { printf '%s is %s\n' "$2" "$1" >&2; exit 1; }
# FROM TO: moves what is in the directory FROM into the directory TO, but for the directories that are
# there as well. A link is replaced, and so is a program that runs: neither is written through.
merge() (
  from=$1 to=$2; set --
  for entry in "$from"/* "$from"/.[!.]* "$from"/..?*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    place=$to/${entry##*/}
    if [ -d "$entry" ] && ! [ -L "$entry" ]; then
      if ! [ -L "$place" ] && ! [ -e "$place" ]; then mv -- "$entry" "$place"; continue; fi
      if [ -L "$place" ] || ! [ -d "$place" ]; then refuse "not a directory" "$place"; fi
      merge "$entry" "$place"; continue
    fi
    if [ -p "$place" ]; then refuse "a named pipe, not a regular file" "$place"; fi
    if [ -S "$place" ]; then refuse "a socket, not a regular file" "$place"; fi
    if [ -b "$place" ] || [ -c "$place" ]; then refuse "a device, not a regular file" "$place"; fi
    if [ -d "$place" ] && ! [ -L "$place" ]; then refuse "a directory, not a file" "$place"; fi
    set -- "$@" "$entry"
    [ $# -lt 200 ] || { mv -f -- "$@" "$to/"; set --; }
  done
  [ $# -eq 0 ] || mv -f -- "$@" "$to/"
)
if [ -d "$target" ]; then
  merge "$part" "$target"
  # What is left are the directories, whose modes count there.
  cp -a -- "$part/." "$target/"
else
  if [ -e "$target" ] || [ -L "$target" ]; then refuse "not a directory" "$target"; fi
  mv -- "$part" "$target"
fi
