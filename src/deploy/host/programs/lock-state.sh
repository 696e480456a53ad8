# shellcheck shell=sh
# PATH: says who holds the lock of a buildout folder, by hand or by a deployment, and what builds.
s=$1/.hostout
owner() { [ ! -r "$s/$1" ] || sed "s/^/$2-/" "$s/$1"; }
[ -d "$s" ] || exit 0
owner hold hold
[ -e "$s/lock" ] || exit 0
command -v flock >/dev/null || { echo no-flock; exit 0; }
flock -n "$s/lock" true || { owner owner owner; echo busy; }
[ ! -e "$s/building" ] || flock -n "$s/building" true || { owner build build; echo building; }
