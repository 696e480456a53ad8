# shellcheck shell=sh
# PATH LINE: adds LINE to the log of releases. The functions come first.
set -e; umask 027; begin "$1"; working "noting what is known of a release"
note "$2"
