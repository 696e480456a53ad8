# shellcheck shell=sh
# PATH N ID CONFIGURATION SHARED REMOVED DONE FAILED ARG...: runs bin/buildout. When it succeeds release
# N is current, the releases REMOVED go, and with SHARED=yes the group may write what was made in var.
# When it fails the folder is put back as it was. DONE or FAILED is noted, with the seconds since the
# checkout, unless it is empty. Status 95: the release is built, but cannot be made the current one. Secrets
# come on standard input, of which only bin/buildout gets a descriptor. Without ARGs, `settled` notes what the
# next build would look at, if bin/buildout can tell. The functions come first.
# shellcheck disable=SC2154
trap '' HUP PIPE; umask 027; begin "$1"
number=$2 id=$3 configuration=$4 shared=$5 removed=$6 done=$7 failed=$8; shift 8
working "a build of release $id"
looks=
[ $# -gt 0 ] || looks=$s/settled.paths
rm -f "$s/settled" "$s/settled.paths"
# Files begin their way to the disk while the build runs, which has to wait for less then.
sync -f . >/dev/null 2>&1 8>&- &
syncing=$!
# The program keeps the process that sh is: who ends it, lets this one put things back.
# shellcheck disable=SC2016
HOSTOUT_SETTLED=$looks HOSTOUT_SECRETS_FD=4 /bin/sh -c 'echo "pid=$$" >> .hostout/working; exec bin/buildout -c "$@"' sh \
  "$configuration" "$@" 4<&0 </dev/null
status=$?
[ $status -ne 0 ] || wait $syncing
say() { [ -z "$1" ] || note "$1" "$(took "$number")"; }
(
  set -e
  if [ $status -eq 0 ]; then
    # Nothing of it is lost with the power that comes later than the note.
    sync -f . 2>/dev/null || sync
    printf '%s %s\n' "$number" "$id" > "$s/current.tmp"; replace "$s/current"
    # From a release in a directory of its own.
    if [ -n "$(live)" ]; then point .; settle_crontab .; fi
    say "$done"
    settle_build "$id"
    rm -rf "$s/previous" "$s/failed"
    for n in $removed; do drop "$n"; done
    [ -z "$removed" ] || sweep || :
    [ "$shared" != yes ] || share_var
  else
    say "$failed"
    restore
  fi
)
noted=$?
[ $status -ne 0 ] || [ $noted -eq 0 ] || status=95
exit $status
