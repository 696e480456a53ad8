# shellcheck shell=sh
# PATH N ID CONFIGURATION AGAIN FAILED ARG...: runs bin/buildout in the directory of release N. If it fails, logs
# FAILED unless that is empty. AGAIN=yes: the directory was built before, and keeps its state. Secrets
# come on standard input; only bin/buildout gets a descriptor for them. Needs the functions before it.
# shellcheck disable=SC2154
trap '' HUP PIPE; umask 027; begin "$1"
number=$2 id=$3 configuration=$4 again=$5 failed=$6; shift 6
working "a build of release $id"
[ "$again" = yes ] || mark building "$number" "$id" || exit 1
program=../../bin/buildout
if is_python && ! grep -q '^[a-z]* [0-7]* [^ ]* bin/buildout$' "$r/$number/manifest"; then program=bin/buildout; fi
# exec keeps the process id: if somebody ends that process, this one still records the failure.
# shellcheck disable=SC2016
HOSTOUT_SECRETS_FD=4 /bin/sh -c '
  echo "pid=$$" >> .hostout/working; cd "releases/$0" || exit 1; program=$1; shift; exec "$program" -c "$@"' \
  "$number" "$program" "$configuration" "$@" 4<&0 </dev/null
status=$?
[ "$again" != yes ] || exit $status
if [ $status -eq 0 ]; then mark built "$number" "$id" || exit 1; exit 0; fi
[ -z "$failed" ] || note "$failed" "$(took "$number")"
mark failed "$number" "$id"
exit $status
