# shellcheck shell=sh
# STATE RELEASE NAME...: notes in the directory STATE what a push sends: the names at the top of the
# tree. Before it does, RELEASE is empty.
set -e
state=$1 release=$2; shift 2
if [ -z "$release" ]; then
  mkdir -p "$state"
  # The release of another kind of deployment is not there any more.
  rm -f "$state/checkout" "$state/checkout.next" "$state/current"
fi
printf '%s\n' "$@" > "$state/pushed.tmp"
mv -f "$state/pushed.tmp" "$state/pushed"
[ -z "$release" ] || printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$release" >> "$state/pushes"
