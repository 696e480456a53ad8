# shellcheck shell=sh
# UNITS SCRIPTS: prints the paths of all boot scripts.
for f in "$1"/buildout-*.service "$2"/buildout-*; do
  if [ -e "$f" ]; then printf '%s\n' "$f"; fi
done
