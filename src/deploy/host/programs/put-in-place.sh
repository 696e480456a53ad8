# shellcheck shell=sh
# COPIED FOLDER...: puts release $number, which is complete, into the buildout directory, and logs $line. The end of
# checkout.sh and receive.sh.
# shellcheck disable=SC2154
keep_parts "$@"
[ -z "$line" ] || note "$line"
checkout "$number" "$keep" yes
# So that less is left to wait for when the release becomes the current one.
sync -f . >/dev/null 2>&1 8>&- &
