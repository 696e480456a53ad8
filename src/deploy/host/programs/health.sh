# shellcheck shell=sh
# PATH INTERVAL TIMEOUT PASSES TRIES LONGEST LINES LOG...: checks whether the application in PATH is healthy, until
# PASSES checks in a row have passed. Gives up after TIMEOUT seconds, or after TRIES checks unless that is 0.
# Waits INTERVAL seconds between checks; a check that takes more than LONGEST seconds has failed. Standard input
# contains what to check, so that no list of processes shows it:
#   `url`, the URL, and a line that is empty or the value of an Authorization header; or
#   `command`, the number of its lines, and the lines.
# Stops when the input ends. Prints
#   said TEXT                    the first line of a body or the last lines of a command, before `try`
#   try PASSES http STATUS       an HTTP response
#   try PASSES exit STATUS       the command has ended
#   try 0 none                   no response: `said` has the reason
#   try 0 late                   it took too long
#   log PATH, line TEXT          the last LINES lines of files matched by the globs LOG, if it is not healthy
#   no-tool                      no program here can request a URL
#   end healthy|unhealthy SECONDS
umask 077
cd "$1" || exit 1
interval=$2 timeout=$3 wanted=$4 tries=$5 longest=$6 lines=$7; shift 7
job='' limiter='' nap='' watch=''
# PID...: ends these processes and those that they have started.
end() {
  for pid; do kill -KILL "-$pid" || kill -KILL "$pid"; done 2>/dev/null
}
t=$(mktemp -d "${TMPDIR:-/tmp}/hostout-health.XXXXXX") || exit 1
# shellcheck disable=SC2086
trap 'end $job $limiter $nap $watch; rm -rf "$t"' EXIT
trap 'exit 1' HUP INT TERM PIPE
command -v setsid >/dev/null || setsid() { exec "$@"; }

read -r kind || exit 1
if [ "$kind" = url ]; then
  IFS= read -r url && IFS= read -r authorization || exit 1
  printf '%s\n' "$url" > "$t/url"
  printf '%s' "$authorization" > "$t/authorization"
else
  read -r n || exit 1
  while [ "$n" -gt 0 ]; do IFS= read -r line || exit 1; printf '%s\n' "$line"; n=$((n - 1)); done > "$t/command"
fi
exec 3<&0 </dev/null
# shellcheck disable=SC2016
setsid sh -c 'cat > /dev/null; kill "$1"' sh $$ <&3 > /dev/null 2>&1 3<&- &
watch=$!
exec 3<&-

no_proxy=${no_proxy:+$no_proxy,}localhost,127.0.0.1,::1 NO_PROXY=$no_proxy
export no_proxy NO_PROXY

# Sets `ask` to the program for one check: $1 is the directory of its files, $2 the tool. It writes the body, or the
# output of the command, to `out`, messages of the tool to `err`, and lines `HTTP/1.1 STATUS` to `head`.
node=$(command -v node || command -v nodejs) ||
  node=$(sed -n "s/^exec '\([^']*\)' .*/\1/p; s/^exec \([^' ]*\) .*/\1/p" bin/buildout 2>/dev/null)
tool=
if [ "$kind" = command ]; then
  # shellcheck disable=SC2016
  ask='{ sh "$1/command"; echo $? > "$1/status"; } 2>&1 | tail -n 20 | tail -c 4000 > "$1/out"'
elif command -v curl >/dev/null; then
  {
    sed 's/\\/\\\\/g; s/"/\\"/g; s/.*/url = "&"/' "$t/url"
    [ -z "$authorization" ] || printf 'header = "Authorization: %s"\n' "$authorization"
  } > "$t/curl"
  # shellcheck disable=SC2016
  ask='curl -q -g -sS -K "$1/curl" -D "$1/head" 2> "$1/err" | head -c 2000 > "$1/out"'
elif wget --version 2>/dev/null | grep -q 'GNU Wget'; then
  [ -z "$authorization" ] || printf 'header = Authorization: %s\n' "$authorization" > "$t/wgetrc"
  [ -n "$authorization" ] || : > "$t/wgetrc"
  # shellcheck disable=SC2016
  ask='WGETRC=$1/wgetrc wget -nv -S -O - -t 1 --max-redirect=0 --content-on-error -i "$1/url" 2> "$1/err" |
    head -c 2000 > "$1/out"
    sed -n "s/^  *HTTP/HTTP/p" "$1/err" > "$1/head"'
elif [ -x "$node" ]; then
  tool=$node
  cat > "$t/ask.cjs" <<'END'
const { readFileSync, writeFileSync } = require("node:fs");
const read = (name) => readFileSync(`${process.argv[2]}/${name}`, "utf8").trim();
const url = read("url");
const headers = read("authorization") === "" ? {} : { Authorization: read("authorization") };
const fail = (error) => {
  console.error(error.message || error.code);
  process.exit(1);
};
const { get } = require(/^https:/i.test(url) ? "node:https" : "node:http");
get(url, { headers, agent: false }, (answer) => {
  writeFileSync(`${process.argv[2]}/head`, `HTTP/1.1 ${answer.statusCode}\n`);
  let body = Buffer.alloc(0);
  answer.on("data", (chunk) => {
    body = Buffer.concat([body, chunk]).subarray(0, 2000);
    if (body.length === 2000) answer.destroy();
  });
  answer.on("error", () => {});
  answer.on("close", () => process.stdout.write(body));
}).on("error", fail);
END
  # shellcheck disable=SC2016
  ask='"$2" "$1/ask.cjs" "$1" > "$1/out" 2> "$1/err"'
elif command -v python3 >/dev/null; then
  cat > "$t/ask.py" <<'END'
import sys, urllib.error, urllib.request
def read(name):
    with open(sys.argv[1] + "/" + name) as file:
        return file.read().strip()
class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
headers = {"Authorization": read("authorization")} if read("authorization") else {}
try:
    try:
        answer = urllib.request.build_opener(Stay).open(urllib.request.Request(read("url"), headers=headers))
    except urllib.error.HTTPError as error:
        answer = error
    with open(sys.argv[1] + "/head", "w") as file:
        file.write("HTTP/1.1 %d\n" % answer.code)
    sys.stdout.buffer.write(answer.read(2000))
except (OSError, ValueError) as error:
    sys.exit(str(getattr(error, "reason", error)))
except Exception as error:
    sys.exit("%s: %s" % (type(error).__name__, error))
END
  # shellcheck disable=SC2016
  ask='python3 "$1/ask.py" "$1" > "$1/out" 2> "$1/err"'
elif command -v wget >/dev/null; then
  # BusyBox's wget follows redirects, prints no body for errors, and ignores no_proxy.
  # shellcheck disable=SC2016
  ask='set -- "$1"
    [ ! -s "$1/authorization" ] || set -- "$1" --header "Authorization: $(cat "$1/authorization")"
    t=$1; shift
    case $(sed "s|^[a-zA-Z]*://||" "$t/url") in localhost* | 127.* | "[::1]"*) set -- -Y off "$@" ;; esac
    if wget -q -O - "$@" "$(cat "$t/url")" 2> "$t/err" > "$t/body"; then echo "HTTP/1.1 200" > "$t/head"
    else sed -n "s/.*\(HTTP\/[0-9.]* [0-9][0-9][0-9]\).*/\1/p" "$t/err" > "$t/head"; fi
    head -c 2000 "$t/body" > "$t/out"'
else
  end $watch; watch=''
  echo no-tool
  exit 0
fi

# Prints seconds, if possible of a clock that cannot be set.
now() {
  if read -r up _ < /proc/uptime; then echo "${up%%.*}"; else date +%s; fi
} 2>/dev/null

# Makes output safe for a terminal, and puts the word $1 before each line.
shown() { LC_ALL=C tr '\000-\010\013-\037\177' '?' | LC_ALL=C cut -c 1-300 | LC_ALL=C sed "s/^/$1 /"; echo; }

# SECONDS: makes one check, which takes no longer than that. Sets `verdict`, and `answer` to the end of its line.
once() {
  rm -f "$t/head" "$t/out" "$t/err" "$t/late" "$t/status"
  setsid sh -c "$ask" sh "$t" "$tool" </dev/null >/dev/null 2>&1 &
  job=$!
  # shellcheck disable=SC2016
  setsid sh -c 'sleep "$1"; : > "$2/late"; kill -KILL "-$3" || kill -KILL "$3"' \
    sh "$1" "$t" "$job" </dev/null >/dev/null 2>&1 &
  limiter=$!
  wait "$job"
  end "$limiter"; limiter=''
  # Processes that it has left running.
  kill -KILL "-$job" 2>/dev/null
  job=''
  verdict=failed
  if [ -e "$t/late" ]; then answer=late
  elif [ "$kind" = command ]; then
    read -r status < "$t/status" || status=1
    answer="exit $status"
    [ "$status" -ne 0 ] || verdict=passed
  else
    status=$(sed -n 's|^HTTP/[0-9.]* \([0-9][0-9][0-9]\).*|\1|p' "$t/head" 2>/dev/null | tail -n 1)
    answer="http $status"
    case $status in
      [23]??) verdict=passed ;;
      '') answer=none; tail -n 1 "$t/err" 2>/dev/null > "$t/out" ;;
    esac
  fi
  if [ "$verdict" = passed ]; then passes=$((passes + 1)); else passes=0; fi
  [ ! -s "$t/out" ] || if [ "$kind" = command ]; then shown said < "$t/out"; else head -n 1 "$t/out" | shown said; fi
  echo "try $passes $answer"
}

begun=$(now) passes=0 tried=0 state=unhealthy
while left=$((begun + timeout - $(now))) && [ $left -gt 0 ]; do
  if [ $left -lt "$longest" ]; then once $left; else once "$longest"; fi
  if [ $passes -ge "$wanted" ]; then state=healthy; break; fi
  tried=$((tried + 1))
  [ $tried -ne "$tries" ] || break
  left=$((begun + timeout - $(now)))
  [ "$interval" -lt $left ] || break
  sleep "$interval" &
  nap=$!
  wait $nap
  nap=''
done
if [ $state = unhealthy ]; then
  IFS=''
  for pattern; do
    # Unquoted, since it is a glob.
    for f in $pattern; do
      if [ -f "$f" ]; then
        printf '%s\n' "$f" | shown log
        tail -n "$lines" "$f" 2>&1 | tail -c 4000 | shown line
      fi
    done
  done
  unset IFS
fi
# From now on, the end of the input does not stop this program.
end $watch; watch=''
echo "end $state $(($(now) - begun))"
