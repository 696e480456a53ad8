# shellcheck shell=sh
# The buildout directories that use a cache have each said so in CACHE/directories, in a file named by the
# hash of their path. Those of earlier versions have not: they are looked for beside each other.

# PATH: the name of its file.
user_file() { printf %s "$1" | sha256sum | cut -c 1-16; }

# CACHE: the directories that use it, or may; a file that cannot be read says `?`.
cache_users() {
  {
    for d in "${PWD%/*}"/*/; do printf '%s\n' "${d%/}"; done
    for f in "$1/directories"/*; do
      case $f in *.tmp) continue ;; esac
      if [ -f "$f" ]; then head -n 1 "$f" 2>/dev/null || echo '?'; fi
    done
  } | LC_ALL=C sort -u
}

# PATH: whether it is certain that there is nothing.
gone() {
  p=$1
  while ! [ -e "$p" ] && ! [ -L "$p" ]; do
    case $p in /*) p=${p%/*}; p=${p:-/} ;; *) return 1 ;; esac
  done
  [ "$p" != "$1" ] && [ -x "$p" ]
}

# PATH: whether it is the current directory.
is_here() { [ "$(stat -L -c %d:%i "$1" 2>/dev/null)" = "$(stat -L -c %d:%i .)" ]; }
