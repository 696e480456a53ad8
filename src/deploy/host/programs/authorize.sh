# shellcheck shell=sh
# KEY LINE, run as the user: authorizes the public key LINE, unless KEY (its type and the key, without the comment)
# is authorized already.
set -e; umask 077; cd; mkdir -p .ssh; f=.ssh/authorized_keys
if ! grep -qF -- "$1" "$f" 2>/dev/null; then
  [ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || echo >> "$f"
  printf '%s\n' "$2" >> "$f"
fi
# sshd ignores keys in a file that others may write.
chmod go-w .ssh "$f"; chmod go-w . 2>/dev/null || :
