# shellcheck shell=sh
# Each buildout directory that uses a cache has a file in CACHE/directories with its path; the name is a hash of the
# path. Directories deployed by earlier versions have none, so the siblings of a directory count, too.

# PATH: prints the name of its file.
user_file() { printf '%.16s\n' "$(printf %s "$1" | sha256sum)"; }

# CACHE: prints the directories that use it, or may; `?` for a file that cannot be read.
cache_users() {
  {
    for d in "${PWD%/*}"/*/; do printf '%s\n' "${d%/}"; done
    for f in "$1/directories"/*; do
      case $f in *.tmp) continue ;; esac
      if [ -f "$f" ]; then head -n 1 "$f" 2>/dev/null || echo '?'; fi
    done
  } | LC_ALL=C sort -u
}

# PATH: whether it certainly does not exist.
gone() {
  p=$1
  while ! [ -e "$p" ] && ! [ -L "$p" ]; do
    case $p in /*) p=${p%/*}; p=${p:-/} ;; *) return 1 ;; esac
  done
  [ "$p" != "$1" ] && [ -x "$p" ]
}

# PATH: whether it is the current directory.
is_here() { [ "$(stat -L -c %d:%i "$1" 2>/dev/null)" = "$(stat -L -c %d:%i .)" ]; }
