# shellcheck shell=sh
# PATH USER COMMAND..., run as root: runs COMMAND, a program in bin of the directory PATH of USER,
# whom root trusts with it; nobody else can replace it. Secrets come on standard input, of which only
# COMMAND gets a descriptor. root-functions.sh and lock-functions.sh come first.
set -e
uid=$(id -u "$2")
user=$2
enter "$1" "$uid"; shift 2
guard "$uid"; guard_entry "$uid" bin
(cd -P ./bin; guard "$uid"; guard_entry "$uid" "${1##*/}")
exec 4<&0 </dev/null
HOSTOUT_SECRETS_FD=4
export HOSTOUT_SECRETS_FD
[ -e .hostout/working ] || exec "$@"
(cd -P ./.hostout; guard "$uid"; guard_entry "$uid" working)
exec 8< .hostout/working
flock -s 8
# Root itself writes nothing where the user could put a link.
# shellcheck disable=SC2016
/bin/sh -c 'printf "%s\n" "what=a build as root" "since=$1" "pid=$$" |
  su -s /bin/sh "$2" -c "cat > .hostout/working" 4<&-; shift 2; exec "$@"' sh "$(now)" "$user" "$@" ||
  status=$?
# As in lock-functions.sh: a daemon does not keep it.
flock -u 8
exit "${status:-0}"
