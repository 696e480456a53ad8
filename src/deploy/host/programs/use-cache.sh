# shellcheck shell=sh
# PATH CACHE: records that the buildout directory PATH uses the cache. Needs cache-functions.sh before it.
set -e; umask 027
f=$2/directories/$(user_file "$1")
mkdir -p "$2/directories"
printf '%s\n' "$1" > "$f.$$.tmp"
mv -f "$f.$$.tmp" "$f"
