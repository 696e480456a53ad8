# shellcheck shell=sh
# PATH: puts back what an interrupted deployment left unfinished. Needs the functions before it.
set -e; umask 027; begin "$1"; working "putting back what a deployment left"
restore
