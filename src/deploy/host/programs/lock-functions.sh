# shellcheck shell=sh
# The state of a buildout directory is in $s. Two files there are locked with flock(1): `lock` by the
# deployer, and `working` by all programs of that deployment together, so that programs that outlive it still keep
# others out. Each file says who has the lock, and `hold` names a person who blocks deployments.

# TEXT: from now on, this program and those that it starts are at work in the current directory. A daemon that it
# leaves behind still has the file open, but no longer locks it.
working() {
  exec 8>> .hostout/working
  flock -s 8
  trap 'flock -u 8' EXIT
  printf 'what=%s\nsince=%s\npid=%s\n' "$1" "$(now)" $$ > .hostout/working
}

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }
