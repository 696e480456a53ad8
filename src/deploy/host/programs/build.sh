# shellcheck shell=sh
# PATH N ID CONFIGURATION SHARED REMOVED DONE FAILED ARG...: runs bin/buildout. If it succeeds, release N becomes the
# current one: see `make_current`. If it fails, the directory is restored, and FAILED is logged unless it is empty.
# Status 95: the release is built, but cannot become the current one. Secrets come on standard input; only bin/buildout
# gets a descriptor for them. Without ARGs, `settled` records what the next build would depend on, if bin/buildout can
# tell. Needs the functions before it.
# shellcheck disable=SC2034,SC2154
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
(
  set -e
  if [ $status -eq 0 ]; then
    make_current
    # Not before: `previous` had hard links.
    settle_build "$id" "$configuration"
  else
    say "$failed"
    restore
  fi
)
noted=$?
[ $status -ne 0 ] || [ $noted -eq 0 ] || status=95
exit $status
