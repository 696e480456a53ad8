# shellcheck shell=sh
# PATH N: prints which directories in `releases` keep files of release N. Changes nothing. Needs the functions
# before it.
# shellcheck disable=SC2154
set -e; umask 077; begin "$1"
scratch
entries < "$r/$2/manifest" > "$t/wanted"
holders "$2" "$t/wanted"
