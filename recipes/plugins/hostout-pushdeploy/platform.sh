# shellcheck shell=sh
# [FILE]: prints one line with the system, the machine and the C library (what decides whether a
# program built elsewhere runs here), then the content of FILE, if there is one.
# Unquoted, so that without a third word there is no trailing space.
# shellcheck disable=SC2046
echo $(uname -s) $(uname -m) $(if ls /lib/ld-musl-* >/dev/null 2>&1; then echo musl; fi)
[ $# -eq 0 ] || cat "$1" 2>/dev/null || :
