# shellcheck shell=sh
# PATH LINE: adds LINE to the log of releases. Needs the functions before it.
set -e; umask 027; begin "$1"; working "noting what is known of a release"
note "$2"
