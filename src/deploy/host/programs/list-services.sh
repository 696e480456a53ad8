# shellcheck shell=sh
# UNITS SCRIPTS: prints the files of all boot scripts that are there.
for f in "$1"/buildout-*.service "$2"/buildout-*; do
  if [ -e "$f" ]; then printf '%s\n' "$f"; fi
done
