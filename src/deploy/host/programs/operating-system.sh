# shellcheck shell=sh
# Prints os-release(5), or something similar on older systems.
first() { for f; do [ -r "$f" ] && { head -n 1 "$f"; return; }; done; }
own() { printf 'ID=%s\nPRETTY_NAME="%s"\n' "$1" "$(first "$2" | tr -d '"')"; }
lower() { tr '[:upper:]' '[:lower:]'; }
if [ -r /etc/os-release ]; then cat /etc/os-release
elif [ -r /usr/lib/os-release ]; then cat /usr/lib/os-release
elif [ -r /etc/redhat-release ]; then own redhat /etc/redhat-release
elif [ -r /etc/slackware-version ]; then own slackware /etc/slackware-version
elif [ -r /etc/alpine-release ]; then own alpine /etc/alpine-release
elif [ -r /etc/SuSE-release ]; then own suse /etc/SuSE-release
elif [ -r /etc/arch-release ]; then own arch /etc/arch-release
elif [ -r /etc/debian_version ]; then own debian /etc/debian_version
elif command -v lsb_release >/dev/null; then printf 'ID=%s\n' "$(lsb_release -si | lower)"
else printf 'ID=%s\n' "$(uname -s | lower)"
fi
