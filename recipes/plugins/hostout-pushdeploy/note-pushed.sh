# shellcheck shell=sh
# STATE RELEASE NAME...: records in the directory STATE what a push sends: the names at the top of the tree. RELEASE
# is empty before the push.
set -e
state=$1 release=$2; shift 2
if [ -z "$release" ]; then
  mkdir -p "$state"
  # A release deployed in another way is no longer there.
  rm -f "$state/checkout" "$state/checkout.next" "$state/current"
fi
printf '%s\n' "$@" > "$state/pushed.tmp"
mv -f "$state/pushed.tmp" "$state/pushed"
[ -z "$release" ] || printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$release" >> "$state/pushes"
