# shellcheck shell=sh
# NONCE COMMAND: prints its process group in a mark on standard error, then runs COMMAND, which is a separate
# argument so that the mark appears even if COMMAND has syntax errors.
# ps may print spaces before the number.
# shellcheck disable=SC2046
printf '[%%%s:%d]' "$1" $(ps -o pgid= -p $$ 2>/dev/null || echo $$) >&2
c=$2; shift 2; eval "$c"
