# shellcheck shell=sh
# PATH N ID LINE: records that a part built by root has failed in release N, whose other parts are built. Logs LINE
# unless it is empty. A directory that was completely built before keeps its state. Needs the functions before it.
set -e; umask 027; begin "$1"; working "noting that release $2 failed"
[ "$(aside_number)" = "$2" ] || exit 0
[ -z "$4" ] || note "$4" "$(took "$2")"
mark failed "$2" "$3"
