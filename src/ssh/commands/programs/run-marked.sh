# shellcheck shell=sh
# NONCE COMMAND: tells its process group in a mark on standard error, then runs COMMAND. That is an
# argument of its own: the mark comes even if it has errors of syntax.
# ps puts spaces before the number.
# shellcheck disable=SC2046
printf '[%%%s:%d]' "$1" $(ps -o pgid= -p $$ 2>/dev/null || echo $$) >&2
c=$2; shift 2; eval "$c"
