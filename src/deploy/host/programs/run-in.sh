# shellcheck shell=sh
# PATH USER COMMAND..., run as root: runs COMMAND, a program in bin of the directory PATH of USER,
# whom root trusts with it; nobody else can replace it. root-functions.sh and lock-functions.sh come
# first.
set -e
uid=$(id -u "$2")
user=$2
enter "$1" "$uid"; shift 2
guard "$uid"; guard_entry "$uid" bin
(cd -P ./bin; guard "$uid"; guard_entry "$uid" "${1##*/}")
if [ -e .hostout/working ]; then
  (cd -P ./.hostout; guard "$uid"; guard_entry "$uid" working)
  exec 8< .hostout/working
  flock -s 8
  # Root itself writes nothing where the user could put a link.
  printf '%s\n' "what=a build as root" "since=$(now)" "pid=$$" | su -s /bin/sh "$user" -c 'cat > .hostout/working'
fi
exec "$@"
