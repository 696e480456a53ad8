# shellcheck shell=sh
# PATH USER COMMAND..., run as root: runs COMMAND, a program in bin of the directory PATH of USER,
# whom root trusts with it; nobody else can replace it. root-functions.sh comes first.
set -e
uid=$(id -u "$2")
enter "$1" "$uid"; shift 2
guard "$uid"; guard_entry "$uid" bin
(cd -P ./bin; guard "$uid"; guard_entry "$uid" "${1##*/}")
exec "$@"
