# shellcheck shell=sh
# PATH CACHE: creates the directories of the buildout directory PATH and of its cache. Fails if one of them cannot be
# made, or is not writable.
umask 027
mkdir -p "$1" "$1/bin" "$1/var" "$2/eggs" "$2/downloads/dist" "$2/extends" && umask 077 && mkdir -p "$1/.hostout" || exit
for d in "$1" "$1/bin" "$1/var" "$2/eggs" "$2/downloads/dist" "$2/extends"; do [ -w "$d" ] || exit 1; done
