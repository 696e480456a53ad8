# shellcheck shell=sh
# COMMAND [login]: reads the URL of a proxy, with its password, from the first line of standard input, since a list
# of processes shows every argument. Runs COMMAND with that proxy; with `login`, in the user's login shell.
IFS= read -r http_proxy
# On a terminal, echo was off to hide the line.
[ ! -t 0 ] || stty echo
https_proxy=$http_proxy HTTP_PROXY=$http_proxy HTTPS_PROXY=$http_proxy
no_proxy=localhost,127.0.0.1,::1 NO_PROXY=localhost,127.0.0.1,::1
export http_proxy https_proxy HTTP_PROXY HTTPS_PROXY no_proxy NO_PROXY
[ "$2" != login ] || exec "${SHELL:-/bin/sh}" -c "$1"
c=$1; shift $#
eval "$c"
