# shellcheck shell=sh
# PATH BELOW USER, run as root: removes root's crontab entries that belong to parts of buildouts in the directory PATH
# of USER, except those of the buildout in PATH/BELOW; BELOW may be empty. `stays crontab` if they cannot be removed.
# Needs root-functions.sh and crontab-functions.sh before it.
set -e; umask 077
uid=$(id -u "$3")
enter "$1" "$uid"; guard "$uid"
t=$(mktemp -d "${TMPDIR:-/tmp}/hostout-crontab.XXXXXX")
trap 'rm -rf "$t"' EXIT
# Root never reads where the user could put a link or a pipe.
su -s /bin/sh "$3" -c "f='./$2/.installed.cfg'; [ ! -e \"\$f\" ] || cat \"\$f\"" </dev/null > "$t/.installed.cfg"
identifiers "$t" | settle_entries "$t/crontab"
