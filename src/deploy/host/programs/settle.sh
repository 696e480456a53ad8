# shellcheck shell=sh
# PATH N: all that comes with the switch to release N is done. The functions come first.
# shellcheck disable=SC2154
set -e; umask 027; begin "$1"; working "switching to release $2"
[ "$(aside_number)" != "$2" ] || rm -f "$s/aside"
