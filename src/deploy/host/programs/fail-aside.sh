# shellcheck shell=sh
# PATH N ID LINE: a part that root builds of release N, which is built but for that, has failed. Notes LINE,
# unless it is empty. A directory that was built completely before stays as good as it was. The functions
# come first.
set -e; umask 027; begin "$1"; working "noting that release $2 failed"
[ "$(aside_number)" = "$2" ] || exit 0
[ -z "$4" ] || note "$4" "$(took "$2")"
mark failed "$2" "$3"
