# shellcheck shell=sh
# PATH IN USER COMMAND..., run as root: runs COMMAND, a program in bin of the directory PATH of USER, whom root trusts
# with it; nobody else can replace it. IN is the directory to run it in: two names below PATH, or empty.
# Secrets come on standard input; only COMMAND gets a descriptor for them. Needs root-functions.sh and
# lock-functions.sh before it.
set -e
uid=$(id -u "$3")
in=$2 user=$3
enter "$1" "$uid"; shift 3
guard "$uid"; guard_entry "$uid" bin
(cd -P ./bin; guard "$uid"; guard_entry "$uid" "${1##*/}")
exec 4<&0 </dev/null
HOSTOUT_SECRETS_FD=4
export HOSTOUT_SECRETS_FD
working=no up=
if [ -e .hostout/working ]; then
  (cd -P ./.hostout; guard "$uid"; guard_entry "$uid" working)
  exec 8< .hostout/working
  flock -s 8
  working=yes
fi
if [ -n "$in" ]; then
  enter "$in" "$uid"
  up=../../ program=$1; shift
  set -- "$up$program" "$@"
fi
[ $working = yes ] || exec "$@"
# Root itself never writes where the user could put a link.
# shellcheck disable=SC2016
/bin/sh -c 'printf "%s\n" "what=a build as root" "since=$1" "pid=$$" |
  su -s /bin/sh "$2" -c "cat > $3.hostout/working" 4<&-; shift 3; exec "$@"' sh "$(now)" "$user" "$up" "$@" ||
  status=$?
# As in lock-functions.sh: a daemon does not keep the lock.
flock -u 8
exit "${status:-0}"
