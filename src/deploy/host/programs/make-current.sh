# shellcheck shell=sh
# Makes release $number the current one. Needs the other functions before it.
# shellcheck disable=SC2154

# LINE: logs it unless it is empty, with the seconds since the checkout.
say() { [ -z "$1" ] || note "$1" "$(took "$number")"; }

# Release $number, in place and built, becomes the current one; logs $done. Removes the releases $removed. With
# $shared = yes, the group may write to what was created in var.
make_current() {
  # First the files: after a power failure, no log entry must be without them.
  sync -f . 2>/dev/null || sync
  printf '%s %s\n' "$number" "$id" > "$s/current.tmp"; replace "$s/current"
  # The previous release may have been in a directory of its own.
  if [ -n "$(live)" ]; then point .; settle_crontab .; fi
  say "$done"
  clear_away "$s/previous" "$s/failed"
  for n in $removed; do drop "$n"; done
  [ -z "$removed" ] || sweep || :
  [ "$shared" != yes ] || share_var
}
