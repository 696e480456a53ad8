# shellcheck shell=sh
# PATH ENGINE LAUNCHER: writes the text LAUNCHER to bin/buildout, records that it starts the file ENGINE, and removes
# all other engines and compiled code.
set -e; umask 027; cd "$1"; mkdir -p bin; s=.hostout
printf '%s' "$3" > bin/buildout.tmp; chmod 750 bin/buildout.tmp; mv -f bin/buildout.tmp bin/buildout
printf '%s\n' "$2" > $s/engine.tmp; mv -f $s/engine.tmp $s/engine
for f in "$s"/engine-*.[cm]js; do [ "$f" = "$s/$2" ] || rm -f "$f"; done
rm -rf "$s/.compiled"
