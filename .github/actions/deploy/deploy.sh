#!/bin/sh
# Runs hostout in a CI job. The inputs of action.yml are in variables DEPLOY_...; it also needs Node, npm and the
# files of the buildout.
set -euf
umask 077
place=$(mktemp -d "${RUNNER_TEMP:-/tmp}/deploy-XXXXXX")
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -z "$DEPLOY_KEY" ] || [ -z "$DEPLOY_KNOWN_HOSTS" ]; then
  echo "::error::The inputs 'key' and 'known-hosts' are empty: is the secret set, and may this job read it?"
  exit 2
fi
# A pasted key may lack its last line end, or have Windows line ends.
printf '%s\n' "$DEPLOY_KEY" | tr -d '\r' >"$place/key"
printf '%s\n' "$DEPLOY_KNOWN_HOSTS" | tr -d '\r' >"$place/known_hosts"
cat >"$place/ssh_config" <<EOF
IdentityFile "$place/key"
IdentitiesOnly yes
UserKnownHostsFile "$place/known_hosts"
StrictHostKeyChecking yes
BatchMode yes
EOF
export HOSTOUT_SSH_CONFIG="$place/ssh_config"
# The programs below must not get them.
unset DEPLOY_KEY DEPLOY_KNOWN_HOSTS

if [ ! -x node_modules/.bin/hostout ]; then
  npm install --silent --no-audit --no-fund --prefix "$place/npm" "$DEPLOY_PACKAGE"
  PATH=$place/npm/node_modules/.bin:$PATH
fi
PATH=$PWD/node_modules/.bin:$PATH

# The words of an input as they are: patterns match no files here.
# shellcheck disable=SC2086
buildout -c "$DEPLOY_CONFIGURATION" install $DEPLOY_PARTS

if [ "$DEPLOY_COMMAND" = plan ]; then
  status=0
  # shellcheck disable=SC2086
  hostout $DEPLOY_HOSTS plan --format markdown --detailed-exitcode >"$place/plan.md" || status=$?
  cat "$place/plan.md"
  # Wrong usage has the same status as changes, but prints no plan.
  [ -s "$place/plan.md" ] || exit "$status"
  case $status in
    0) changes=false ;;
    2) changes=true ;;
    *) exit "$status" ;;
  esac
  if [ -n "${GITHUB_OUTPUT:-}" ]; then
    end=plan-${place##*-}
    { echo "changes=$changes"; echo "plan<<$end"; cat "$place/plan.md"; echo "$end"; } >>"$GITHUB_OUTPUT"
  fi
  exit 0
fi

# shellcheck disable=SC2086
hostout ${DEPLOY_LOCK_WAIT:+--lock-wait="$DEPLOY_LOCK_WAIT"} $DEPLOY_HOSTS $DEPLOY_COMMAND
