# shellcheck shell=sh
# NAME...: puts release $number, which is complete, into a directory of its own, where the NAMEs are links to what
# releases share, and logs $line. The end of checkout.sh and receive.sh.
# shellcheck disable=SC2154
[ -z "$line" ] || note "$line"
read -r _ id < "$r/$number/manifest"
make_aside "$number" "$id" "$keep" "$@"
