# shellcheck shell=sh
# PATH N: records that everything after the switch to release N is done. Needs the functions before it.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "switching to release $2"
[ "$(aside_number)" != "$2" ] || rm -f "$s/aside"
