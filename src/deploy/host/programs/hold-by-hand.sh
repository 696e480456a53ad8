# shellcheck shell=sh
# PATH WHO TEXT: keeps all deployments out until release-lock.sh runs. Status 3: somebody else does so already.
umask 027; s=$1/.hostout
mkdir -p "$s" || exit 1
printf 'who=%s\nwhat=%s\nsince=%s\n' "$2" "$3" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" > "$s/hold.$$" || exit 1
# A link, unlike a rename, does not replace what is there.
ln "$s/hold.$$" "$s/hold" 2>/dev/null; status=$?
rm -f "$s/hold.$$"
[ $status -eq 0 ] || { sed 's/^/hold-/' "$s/hold"; exit 3; }
