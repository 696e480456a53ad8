# shellcheck shell=sh
# PATH CACHE WHO WHAT WAIT: takes the lock of the buildout folder PATH for WHO, who does WHAT, says what
# probe-function.sh finds, and keeps the lock until its input ends. Another deployment is waited for
# for WAIT seconds, a build that has outlived its own until it ends: a word each second tells the
# other end, and ends this program where that has gone. With WAIT=handover the lock is ours already, in
# another connection that is about to give it back.
umask 027
s=$1/.hostout who=$3 what=$4 wait=$5
if ! { [ -d "$1" ] && mkdir -p "$s" && : >> "$s/lock"; } 2>/dev/null; then
  probe "$1" "$2"; echo unlocked; exit 0
fi
command -v flock >/dev/null || { echo no-flock; exit 0; }
owner() { [ ! -r "$s/$1" ] || sed "s/^/$2-/" "$s/$1"; }
[ ! -e "$s/hold" ] || { owner hold hold; echo held; exit 0; }
exec 9>> "$s/lock"
[ "$wait" != handover ] || { echo waiting; flock 9; echo locked; exec cat > /dev/null; }
until flock -n 9; do
  owner owner owner
  [ "$wait" -gt 0 ] || { echo busy; exit 0; }
  wait=$((wait - 1)); echo waiting; sleep 1
done
exec 8>> "$s/building"
until flock -n 8; do owner build build; echo building; sleep 1; done
exec 8>&-
printf 'who=%s\nwhat=%s\nsince=%s\npid=%s\n' "$who" "$what" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" $$ > "$s/owner.tmp"
mv -f "$s/owner.tmp" "$s/owner"
probe "$1" "$2"; echo locked
exec cat > /dev/null
