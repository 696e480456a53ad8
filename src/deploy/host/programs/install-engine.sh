# shellcheck shell=sh
# PATH ENGINE SIZE LAUNCHER: writes SIZE bytes of standard input, unpacked with gzip, to the file ENGINE, and the text
# LAUNCHER to bin/buildout; records that it starts ENGINE, and removes all other engines and compiled code. Prints
# `sending`, then `installing`. Does nothing if ENGINE is installed, maybe by another deployment.
set -e; umask 027; cd "$1"; s=.hostout
if [ -x bin/buildout ] && [ "$(cat $s/engine 2>/dev/null)" = "$2" ]; then head -c "$3" > /dev/null; exit 0; fi
echo sending
head -c "$3" | gzip -dc > $s/engine.tmp; mv -f $s/engine.tmp "$s/$2"
echo installing
mkdir -p bin
printf '%s' "$4" > bin/buildout.tmp; chmod 750 bin/buildout.tmp; mv -f bin/buildout.tmp bin/buildout
printf '%s\n' "$2" > $s/engine.tmp; mv -f $s/engine.tmp $s/engine
for f in "$s"/engine-*.[cm]js; do [ "$f" = "$s/$2" ] || rm -f "$f"; done
rm -rf "$s/.compiled"
