# shellcheck shell=sh
# PATH BELOW USER, run as root: of the entries that parts of buildouts in the directory PATH of USER have in
# root's crontab, leaves those of the buildout in PATH/BELOW, which may be empty. `stays crontab` if the others
# cannot be removed. root-functions.sh and crontab-functions.sh come first.
set -e; umask 077
uid=$(id -u "$3")
enter "$1" "$uid"; guard "$uid"
t=$(mktemp -d "${TMPDIR:-/tmp}/hostout-crontab.XXXXXX")
trap 'rm -rf "$t"' EXIT
# Root reads nothing where the user could put a link or a pipe.
su -s /bin/sh "$3" -c "f='./$2/.installed.cfg'; [ ! -e \"\$f\" ] || cat \"\$f\"" </dev/null > "$t/.installed.cfg"
identifiers "$t" | settle_entries "$t/crontab"
