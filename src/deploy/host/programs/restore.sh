# shellcheck shell=sh
# PATH: puts back what an interrupted deployment left half done. restore-function.sh comes first.
set -e; cd "$1"
restore
