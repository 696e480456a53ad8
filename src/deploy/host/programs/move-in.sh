# shellcheck shell=sh
# STAGED TARGET NAME MODE, run as root: puts the file or folder STAGED in place as TARGET, or as NAME
# in it where that is a folder. MODE may be empty. Prints where it lies.
set -e; target=$2
if [ -d "$target" ]; then target="$target/$3"; fi
if [ -d "$1" ]; then rm -rf "$target.put"; else rm -f "$target.put"; fi
cp -R "$1" "$target.put"
if [ -d "$target" ]; then cp -R "$target.put/." "$target/"; rm -rf "$target.put"
else mv -f "$target.put" "$target"
fi
if [ -n "$4" ]; then chmod "$4" "$target"; fi
printf %s "$target"
