# shellcheck shell=sh
# PATH WHO TEXT LINE: blocks all deployments until release-lock.sh runs, and adds LINE, with the time, to the log of
# holds. Status 3, and who it is: somebody blocks them already. Needs owner-functions.sh before it.
umask 077; s=$1/.hostout
[ -d "$1" ] || { echo "There is no directory $1." >&2; exit 1; }
[ -d "$s" ] || mkdir -m 750 "$s" || exit 1
# Writing fails if the file exists.
set -C
if printf 'who=%s\nwhat=%s\nsince=%s\n' "$2" "$3" "$(now)" 2>/dev/null > "$s/hold"; then held "$4" || :; exit 0; fi
[ -e "$s/hold" ] || exit 1
owner hold; exit 3
