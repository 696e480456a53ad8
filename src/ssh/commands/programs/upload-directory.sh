# shellcheck shell=sh
# PART TARGET: unpacks the archive on standard input as PART, then renames that to TARGET, or moves its files into
# TARGET if that exists.
set -e
part=$1 target=$2
trap 'rm -rf -- "$part"' EXIT
trap 'exit 143' HUP INT TERM
mkdir -p -- "$part"
tar -xzf - -C "$part"
# WHAT PATH: fails, since what is at PATH must not be replaced.
refuse() { printf '%s is %s\n' "$2" "$1" >&2; exit 1; }
# FROM TO: moves everything in the directory FROM into the directory TO, except directories that exist in both. Links
# and running programs are replaced: nothing is written through them.
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
  # What is left are directories, whose modes must be copied.
  cp -a -- "$part/." "$target/"
else
  if [ -e "$target" ] || [ -L "$target" ]; then refuse "not a directory" "$target"; fi
  mv -- "$part" "$target"
fi
