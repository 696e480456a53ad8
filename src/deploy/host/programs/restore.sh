# shellcheck shell=sh
# PATH: puts back what an interrupted deployment left half done. The functions come first.
set -e; umask 027; begin "$1"; working "putting back what a deployment left"
restore
