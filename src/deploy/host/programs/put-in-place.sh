# shellcheck shell=sh
# COPIED FOLDER...: puts release $number, which is complete, into the buildout directory, and logs $line. The end of
# checkout.sh and receive.sh.
# shellcheck disable=SC2154
keep_parts "$@"
[ -z "$line" ] || note "$line"
checkout "$number" "$keep" yes
