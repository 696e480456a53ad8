# shellcheck shell=sh
# PATH N ID CONFIGURATION SHARED REMOVED DONE FAILED ARG...: runs bin/buildout. If it succeeds, release N becomes the
# current one, the releases REMOVED are removed, and with SHARED=yes the group may write to what was created in var.
# If it fails, the directory is restored. Logs DONE or FAILED unless it is empty, with the seconds since the
# checkout. Status 95: the release is built, but cannot become the current one. Secrets come on standard
# input; only bin/buildout gets a descriptor for them. Without ARGs, `settled` records what the next build would
# depend on, if bin/buildout can tell. Needs the functions before it.
# shellcheck disable=SC2154
trap '' HUP PIPE; umask 027; begin "$1"
number=$2 id=$3 configuration=$4 shared=$5 removed=$6 done=$7 failed=$8; shift 8
working "a build of release $id"
looks=
[ $# -gt 0 ] || looks=$s/settled.paths
rm -f "$s/settled" "$s/settled.paths"
# Starts to write files to the disk while the build runs, so that less is left to wait for afterwards.
sync -f . >/dev/null 2>&1 8>&- &
syncing=$!
# exec keeps the process id: if somebody ends that process, this one still restores the directory.
# shellcheck disable=SC2016
HOSTOUT_SETTLED=$looks HOSTOUT_SECRETS_FD=4 /bin/sh -c 'echo "pid=$$" >> .hostout/working; exec bin/buildout -c "$@"' sh \
  "$configuration" "$@" 4<&0 </dev/null
status=$?
[ $status -ne 0 ] || wait $syncing
say() { [ -z "$1" ] || note "$1" "$(took "$number")"; }
(
  set -e
  if [ $status -eq 0 ]; then
    # First the files: after a power failure, no log entry must be without them.
    sync -f . 2>/dev/null || sync
    printf '%s %s\n' "$number" "$id" > "$s/current.tmp"; replace "$s/current"
    # The previous release may have been in a directory of its own.
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
