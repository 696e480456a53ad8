# shellcheck shell=sh
# PATH N ID CONFIGURATION SHARED REMOVED DONE FAILED AHEAD ARG...: runs bin/buildout. If it succeeds, release N becomes
# the current one: see `make_current`. If it fails, the directory is restored, and FAILED is logged unless it is empty.
# Status 95: the release is built, but cannot become the current one. Secrets come on standard input; only bin/buildout
# gets a descriptor for them. Without ARGs, `settled` records what the next build would depend on, if bin/buildout can
# tell. With AHEAD=yes, the files of the release are still being put in place: bin/buildout starts, but does nothing
# until a line `build` comes on standard input, before the secrets. Status 97: no such line has come, so nothing was
# done. Needs the functions before it.
# shellcheck disable=SC2034,SC2154
trap '' HUP PIPE; umask 027; begin "$1"
number=$2 id=$3 configuration=$4 shared=$5 removed=$6 done=$7 failed=$8 ahead=$9; shift 9
looks=
[ $# -gt 0 ] || looks=$s/settled.paths

# This program is at work from now on, as after `working`, and nothing is settled anymore.
start() {
  flock -s 8
  printf 'what=a build of release %s\nsince=%s\npid=%s\n' "$id" "$(now)" $$ > .hostout/working
  rm -f "$s/settled" "$s/settled.paths"
}

# ARG...: runs bin/buildout. exec keeps the process id: if somebody ends that process, this one still restores the
# directory. Descriptor 4 has the secrets.
# shellcheck disable=SC2016
run_buildout() {
  HOSTOUT_SETTLED=$looks HOSTOUT_SECRETS_FD=4 /bin/sh -c '[ "$HOSTOUT_WORD_FDS" ] || echo "pid=$$" >> .hostout/working
exec bin/buildout -c "$@"' sh "$configuration" "$@"
  status=$?
}

# Ends this program after bin/buildout.
finish() {
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
}

# Passes the line on, and a second one for what is left when bin/buildout has ended.
tell() {
  IFS= read -r word <&4
  exec 4<&- </dev/null
  [ "$word" = build ] || return
  start
  printf 'build\nbuilding\n' 2>/dev/null
}

# ARG...: starts bin/buildout, which reads the first of these lines.
listen() {
  trap 'flock -u 8' EXIT
  HOSTOUT_WORD_FDS='3 8'; export HOSTOUT_WORD_FDS
  run_buildout "$@" 3<&0 </dev/null
  unset HOSTOUT_WORD_FDS
  word=; IFS= read -r word || exit 97
  # It ended before that.
  [ "$word" != build ] || run_buildout "$@" </dev/null
  exec 4<&-
  finish
}

exec 8>> .hostout/working
# Both have descriptor 8; the first one locks the file when the line has come.
if [ "$ahead" = yes ]; then { (tell) | (listen "$@"); } 4<&0; exit; fi
trap 'flock -u 8' EXIT
start
# Starts to write files to the disk while the build runs, so that less is left to wait for afterwards.
sync -f . >/dev/null 2>&1 8>&- &
syncing=$!
run_buildout "$@" 4<&0 </dev/null
[ $status -ne 0 ] || wait $syncing
finish
