# shellcheck shell=sh
# PATH: puts back what an interrupted deployment left half done. restore-function.sh and
# lock-functions.sh come first.
set -e; cd "$1"; working "putting back what a deployment left"
restore
