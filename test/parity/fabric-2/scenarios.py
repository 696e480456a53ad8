"""Behavior of Fabric 2: each function is run with Fabric itself and with ours, on one sshd."""

import io
import json
import os
import socket
import threading
import time

SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


def of_result(result):
    """Every attribute of a result."""
    if result is None:
        return None
    return [result.stdout, result.stderr, result.exited, result.ok, result.failed, result.return_code, bool(result),
            result.command, result.shell, result.env if len(result.env) < 3 else "many", result.pty,
            list(result.hide), result.encoding.lower(), getattr(result, "connection", None) is not None,
            type(result).__module__ + "." + type(result).__name__]


def of_error(error):
    return ["raised", type(error).__module__ + "." + type(error).__name__,
            [base.__name__ for base in type(error).__mro__][:3]]


def connection(facts, **kw):
    from fabric import Connection
    kw.setdefault("connect_kwargs", {"key_filename": facts["key"], "look_for_keys": False, "allow_agent": False})
    return Connection(facts["host"], user=facts["user"], port=facts["port"], **kw)


def run_all(c, facts):
    """Name -> its return value or exception."""
    found = {}
    for name, function in SCENARIOS.items():
        try:
            found[name] = json.loads(json.dumps(function(c, facts)))
        except BaseException as error:
            told = isinstance(error, (TypeError, ValueError))
            found[name] = of_error(error) + ([str(error)] if told else [])
    return found


def texts_of(error):
    return [str(error), repr(error), list(map(str, error.args))]


@scenario
def texts_of_exceptions(c, facts):
    """Of each class as it is raised, with output that was shown, hidden, and of a terminal."""
    from fabric import Connection, GroupResult, Result
    from fabric.exceptions import GroupException
    from invoke import exceptions
    found = []
    for more in ({}, {"hide": ("stdout", "stderr")}, {"pty": True}, {"stderr": "", "hide": ("stderr",)}):
        facts = dict({"command": "ls '\u00e9'", "exited": 7, "stdout": "a\nb\n", "stderr": "c\n"}, **more)
        result = Result(connection=Connection("h"), **facts)
        found.append([texts_of(error) for error in (
            exceptions.UnexpectedExit(result), exceptions.Failure(result),
            exceptions.Failure(result, reason=exceptions.ResponseNotAccepted("no")),
            exceptions.CommandTimedOut(result, timeout=5), exceptions.AuthFailure(result=result, prompt="pw: "))])
    for given in ((), ("m",), ("m", 0), (None, 7)):
        found.append(texts_of(exceptions.Exit(*given)) + [exceptions.Exit(*given).code])
    found.append(texts_of(exceptions.Exit(code=7)))
    for name in ("ParseError", "PlatformError", "AmbiguousEnvVar", "UncastableEnvVar", "UnknownFileType",
                 "UnpicklableConfigMember", "ResponseNotAccepted", "WatcherError", "SubprocessPipeError"):
        found.append(texts_of(getattr(exceptions, name)("x")))
    found.append(texts_of(exceptions.CollectionNotFound("n", "s")))
    together = GroupResult()
    together[Connection("u@h:2202")] = ValueError("bad")
    found.append(texts_of(GroupException(together)))
    return found


@scenario
def texts_of_objects(c, facts):
    from invoke import Collection, Config, Context, task
    from invoke.exceptions import ThreadException
    from invoke.util import ExceptionWrapper

    @task(name="b-c", aliases=["x"])
    def b(c):
        pass

    top = Collection("top", b)
    top.add_collection(Collection("sub", b))
    given = {"target": print, "args": (list(range(20)), {"a": 1}), "kwargs": {}}
    threads = ThreadException([ExceptionWrapper(given, *each, None) for each in (
        (ValueError, ValueError("bad")), (OSError, OSError(2, "no")))])
    config = Config(overrides={"deploy": {"hosts": ["h"], "deep": {"er": None}}})
    found = [top, Collection(), Collection(b), Context(config), config, config.run, config.deploy.deep]
    return [repr(each) for each in found] + [str(each) for each in found] + [
        str(threads), len(threads.exceptions), bool(Collection()), bool(top), top == Collection("top", b),
        Collection("s", b) == Collection("s", b)]


@scenario
def run_plain(c, facts):
    return of_result(c.run("echo hi; echo err >&2", hide=True))


@scenario
def run_hide_out(c, facts):
    return of_result(c.run("echo hi", hide="out"))


@scenario
def run_hide_stderr(c, facts):
    return of_result(c.run("echo hi", hide="stderr"))


@scenario
def run_hide_both(c, facts):
    return of_result(c.run("echo hi", hide="both"))


@scenario
def run_hide_bad(c, facts):
    return of_result(c.run("echo hi", hide="nope"))


@scenario
def run_bad_kw(c, facts):
    return of_result(c.run("echo hi", nope=1))


@scenario
def sudo_bad_kw(c, facts):
    return of_result(c.sudo("echo hi", nope=1, in_stream=False, password="s3cret"))


@scenario
def run_fail(c, facts):
    try:
        c.run("echo a; echo b >&2; exit 3", hide=True)
    except Exception as error:
        return of_error(error) + [of_result(error.result), error.reason, repr(error), list(error.streams_for_display())]


@scenario
def run_warn(c, facts):
    return of_result(c.run("exit 4", warn=True, hide=True))


@scenario
def run_signal(c, facts):
    return of_result(c.run("kill -9 $$", warn=True, hide=True))


@scenario
def run_pty(c, facts):
    return of_result(c.run("echo hi; echo err >&2; test -t 0 && echo tty", pty=True, hide=True))


@scenario
def run_env(c, facts):
    return [c.run("echo $FOO", env={"FOO": "bar"}, hide=True).env]


@scenario
def run_env_replace(c, facts):
    return sorted(c.run("echo $FOO", env={"FOO": "bar"}, replace_env=True, hide=True).env)


@scenario
def run_env_noreplace(c, facts):
    return len(c.run("echo $FOO", env={"FOO": "bar"}, replace_env=False, hide=True).env) > 3


@scenario
def run_cwd(c, facts):
    return c.run("pwd", hide=True).stdout


@scenario
def run_cd(c, facts):
    with c.cd("/usr"):
        with c.cd("share"):
            return of_result(c.run("pwd", hide=True)), c.cwd


@scenario
def run_cd_tilde(c, facts):
    with c.cd("/usr"):
        with c.cd("~"):
            return of_result(c.run("pwd", hide=True)), c.cwd


@scenario
def run_cd_space(c, facts):
    c.run("mkdir -p 'a b'")
    with c.cd("a b"):
        return of_result(c.run("pwd", hide=True)), c.cwd


@scenario
def run_cd_missing(c, facts):
    with c.cd("/nonexistent"):
        return of_result(c.run("pwd", hide=True, warn=True))[2:]


@scenario
def run_prefix(c, facts):
    with c.prefix("A=1"):
        with c.prefix("B=2"):
            with c.cd("/"):
                return of_result(c.run("echo $A $B $PWD", hide=True))


@scenario
def out_stream(c, facts):
    o, e = io.StringIO(), io.StringIO()
    r = c.run("echo hi; echo err >&2", out_stream=o, err_stream=e)
    return of_result(r), o.getvalue(), e.getvalue()


@scenario
def out_stream_hide(c, facts):
    o = io.StringIO()
    r = c.run("echo hi; echo err >&2", out_stream=o, hide=True)
    return of_result(r), o.getvalue()


@scenario
def in_stream(c, facts):
    return of_result(c.run("cat", in_stream=io.StringIO("typed\n"), hide=True))


@scenario
def in_stream_false(c, facts):
    return of_result(c.run("cat </dev/null", in_stream=False, hide=True))


@scenario
def asynchronous(c, facts):
    p = c.run("sleep 0.2; echo done", asynchronous=True)
    return [type(p).__module__ + "." + type(p).__name__, p.command, list(p.hide), p.pty, of_result(p.join())]


@scenario
def async_with(c, facts):
    with c.run("sleep 0.2; echo done", asynchronous=True) as p: return type(p).__name__


@scenario
def async_fail(c, facts):
    p = c.run("exit 5", asynchronous=True)
    return of_result(p.join())


@scenario
def async_disown(c, facts):
    return c.run("true", asynchronous=True, disown=True)


@scenario
def disown(c, facts):
    r = c.run("touch disowned", disown=True)
    for _ in range(50):
        if c.run("test -e disowned", warn=True, hide=True): return r, "there"
        time.sleep(0.1)
    return r, "missing"


@scenario
def dry(c, facts):
    r = c.run("touch drytest", dry=True)
    return of_result(r), c.run("test -e drytest", warn=True, hide=True).exited


@scenario
def dry_sudo(c, facts):
    return of_result(c.sudo("touch drytest", dry=True))


@scenario
def dry_local(c, facts):
    return of_result(c.local("touch drytest", dry=True)), os.path.exists("drytest")


@scenario
def echo(c, facts):
    return of_result(c.run("echo hi", echo=True))


@scenario
def encoding(c, facts):
    return of_result(c.run("printf '\\351'", encoding="latin-1", hide=True))


@scenario
def badbytes(c, facts):
    return of_result(c.run("printf 'a\\351b'", hide=True))


@scenario
def utf8(c, facts):
    return of_result(c.run("printf 'h\\303\\251'", hide=True))


@scenario
def shell_kw(c, facts):
    return of_result(c.run("echo $0", shell="/bin/sh", hide=True))


@scenario
def responder(c, facts):
    from invoke import Responder
    return of_result(c.run("read -p 'name? ' x; echo got $x", watchers=[Responder(r"name\? ", "joe\n")], pty=True, hide=True))


@scenario
def responder_nopty(c, facts):
    from invoke import Responder
    return of_result(c.run("printf 'a? '; read a; printf 'a? '; read b; echo $a$b", watchers=[Responder(r"a\? ", "z\n")], hide=True, in_stream=False))[:3]


@scenario
def responder_stderr(c, facts):
    from invoke import Responder
    return of_result(c.run("printf 'a? ' >&2; read a; echo $a", watchers=[Responder(r"a\? ", "z\n")], hide=True, in_stream=False))[:3]


@scenario
def failing(c, facts):
    from invoke import FailingResponder
    try:
        return of_result(c.run("printf 'pw: '; read p; echo 'Sorry, try again.'; printf 'pw: '; read p; echo done", watchers=[FailingResponder(r"pw: ", "x\n", r"Sorry")], hide=True, in_stream=False))
    except Exception as error:
        return of_error(error) + of_error(error.reason) + [error.result.exited, error.result.stdout[:4]]


@scenario
def custom_watcher(c, facts):
    from invoke import StreamWatcher
    class W(StreamWatcher):
        def __init__(self): self.n = 0
        def submit(self, stream):
            if "go" in stream and not self.n:
                self.n = 1
                return ["first\n", "second\n"]
            return []
    return of_result(c.run("echo go; read a; read b; echo $a-$b", watchers=[W()], hide=True, in_stream=False))[:3]


@scenario
def watcher_error(c, facts):
    from invoke import StreamWatcher
    from invoke.exceptions import WatcherError
    class W(StreamWatcher):
        def submit(self, stream): raise WatcherError("no")
    try:
        return of_result(c.run("echo go; sleep 1", watchers=[W()], hide=True, in_stream=False))
    except Exception as error:
        return of_error(error) + of_error(error.reason) + [error.result.exited]


@scenario
def watcher_other(c, facts):
    from invoke import StreamWatcher
    class W(StreamWatcher):
        def submit(self, stream): raise KeyError("no")
    try:
        return of_result(c.run("echo go; sleep 1", watchers=[W()], hide=True, in_stream=False))
    except Exception as error:
        return of_error(error) + [[type(x).__name__ for x in error.exceptions], error.exceptions[0].type.__name__]


@scenario
def sudo_ok(c, facts):
    return of_result(c.sudo("whoami", in_stream=False, password="s3cret", hide=True))


@scenario
def sudo_user(c, facts):
    return of_result(c.sudo("echo $(whoami) $HOME", user="daemon", in_stream=False, password="s3cret", hide=True))


@scenario
def sudo_config(c, facts):
    c.config.sudo.password = "s3cret"
    try:
        return of_result(c.sudo("whoami", hide=True, in_stream=False))
    finally:
        c.config.sudo.password = None


@scenario
def sudo_bad(c, facts):
    c.run("sudo -k")
    try:
        c.sudo("whoami", in_stream=False, password="wrong", hide=True)
    except Exception as error:
        return of_error(error) + [error.prompt, str(error), error.result.exited]


@scenario
def sudo_env(c, facts):
    return of_result(c.sudo("env | grep FOO", env={"FOO": "b"}, in_stream=False, password="s3cret", hide=True, warn=True))[7:]


@scenario
def sudo_cd(c, facts):
    with c.cd("/usr"):
        return of_result(c.sudo("pwd", in_stream=False, password="s3cret", hide=True))


@scenario
def local_plain(c, facts):
    return of_result(c.local("echo hi; echo err >&2", hide=True))


@scenario
def local_bash(c, facts):
    return of_result(c.local("[[ a == a* ]] && echo ${BASH_VERSION:+bash}", hide=True))


@scenario
def local_fail(c, facts):
    try:
        c.local("exit 3", hide=True)
    except Exception as error:
        return of_error(error) + [of_result(error.result)]


@scenario
def local_env(c, facts):
    return of_result(c.local("echo $FOO", env={"FOO": "b"}, hide=True))[0]


@scenario
def local_replace(c, facts):
    return of_result(c.local("/usr/bin/env | grep -c HOME", env={"FOO": "b"}, replace_env=True, hide=True, warn=True))


@scenario
def local_env_default(c, facts):
    return of_result(c.local("echo ${HOME:+home}", hide=True, warn=True))


@scenario
def local_timeout(c, facts):
    return of_result(c.local("sleep 5", timeout=1, hide=True))


@scenario
def local_pty(c, facts):
    return of_result(c.local("echo hi", pty=True, hide=True))


@scenario
def local_pty_nofallback(c, facts):
    return of_result(c.local("echo hi; test -t 1 && echo tty", pty=True, fallback=False, hide=True))


@scenario
def local_in(c, facts):
    return of_result(c.local("cat", in_stream=io.StringIO("abc"), hide=True))[:3]


@scenario
def local_responder(c, facts):
    from invoke import Responder
    return of_result(c.local("printf 'a? '; read a; echo $a", watchers=[Responder(r"a\? ", "z\n")], hide=True, in_stream=False))[:3]


@scenario
def local_cd(c, facts):
    with c.cd("/usr"):
        return of_result(c.local("pwd", hide=True))[:3]


@scenario
def local_async(c, facts):
    return of_result(c.local("echo a", asynchronous=True).join())[:3]


@scenario
def local_sudo(c, facts):
    from invoke import Context
    return of_result(Context().sudo("whoami", hide=True))[:3]


@scenario
def result_tail(c, facts):
    r = c.run("seq 20", hide=True)
    return r.tail("stdout"), r.tail("stdout", 3), str(r), repr(r)


@scenario
def result_str_fail(c, facts):
    return str(c.run("echo a; exit 1", warn=True, hide=True)), repr(c.run("exit 2", warn=True, hide=True))


@scenario
def long_lines(c, facts):
    return len(c.run("seq 20000", hide=True).stdout)


@scenario
def config_set(c, facts):
    c.config.run.warn = True
    try:
        return of_result(c.run("exit 2", hide=True))[2]
    finally:
        c.config.run.warn = False


@scenario
def config_nested(c, facts):
    c.config.mine = {"a": {"b": 1}}
    c.config.mine.a.b = 2
    return c.config.mine.a.b, c.mine.a.b, c["mine"]["a"]["b"], "mine" in c.config


@scenario
def put_file(c, facts):
    open("up.txt", "w").write("up\n"); os.chmod("up.txt", 0o640)
    r = c.put("up.txt")
    return [r.local, r.orig_local, r.remote, r.orig_remote, type(r).__module__ + "." + type(r).__name__, c.run("cat up.txt; stat -c %a up.txt", hide=True).stdout]


@scenario
def put_nopreserve(c, facts):
    open("up2.txt", "w").write("up\n"); os.chmod("up2.txt", 0o755)
    c.put("up2.txt", preserve_mode=False)
    return c.run("stat -c %a up2.txt", hide=True).stdout


@scenario
def put_nopreserve_existing(c, facts):
    c.run("touch ex.txt; chmod 600 ex.txt")
    open("up3.txt", "w").write("up\n"); os.chmod("up3.txt", 0o755)
    c.put("up3.txt", "ex.txt", preserve_mode=False)
    return c.run("stat -c %a ex.txt", hide=True).stdout


@scenario
def put_dir_target(c, facts):
    c.run("mkdir -p d")
    r = c.put("up.txt", "d"); r2 = c.put("up.txt", remote="d/")
    return r.remote, r2.remote, c.run("ls d", hide=True).stdout


@scenario
def put_abs(c, facts):
    r = c.put("up.txt", facts["home"] + "/x.txt"); return r.remote


@scenario
def put_missing(c, facts):
    return c.put("nope.txt")


@scenario
def put_directory(c, facts):
    os.makedirs("somedir", exist_ok=True); return c.put("somedir")


@scenario
def put_nodir(c, facts):
    return c.put("up.txt", "no/such/up.txt")


@scenario
def put_denied(c, facts):
    return c.put("up.txt", "/etc/denied.txt")


@scenario
def put_flo(c, facts):
    r = c.put(io.StringIO("flo\n"), "flo.txt")
    return r.remote, r.orig_remote, c.run("cat flo.txt", hide=True).stdout


@scenario
def put_flo_bytes(c, facts):
    b = io.BytesIO(b"bytes\n"); b.seek(3)
    r = c.put(b, remote="flo2.txt"); return b.tell(), c.run("cat flo2.txt", hide=True).stdout


@scenario
def put_flo_noremote(c, facts):
    return c.put(io.BytesIO(b"x"))


@scenario
def put_flo_dir(c, facts):
    return c.put(io.BytesIO(b"x"), "d")


@scenario
def put_empty(c, facts):
    return c.put("")


@scenario
def put_badkw(c, facts):
    return c.put("up.txt", mode=0o600)


@scenario
def put_path(c, facts):
    import pathlib
    return c.put(str(pathlib.Path("up.txt")), "p.txt").remote


@scenario
def get_file(c, facts):
    c.run("printf 'down\\n' > down.txt; chmod 751 down.txt")
    r = c.get("down.txt")
    return [r.local, r.orig_local, r.remote, r.orig_remote, open("down.txt").read(), oct(os.stat("down.txt").st_mode)]


@scenario
def get_host(c, facts):
    r = c.get("down.txt", "{host}/{user}/{port}/{basename}"); return r.local, os.path.exists(r.local)


@scenario
def get_dirname(c, facts):
    r = c.get(facts["home"] + "/down.txt", "got{dirname}/{basename}.x"); return r.local, os.path.exists(r.local)


@scenario
def get_slash(c, facts):
    return c.get("down.txt", "newdir/").local


@scenario
def get_existing_dir(c, facts):
    os.makedirs("exd", exist_ok=True); return c.get("down.txt", "exd").local


@scenario
def get_badfield(c, facts):
    return c.get("down.txt", "{nope}")


@scenario
def get_nopreserve(c, facts):
    r = c.get("down.txt", "nop.txt", preserve_mode=False); return oct(os.stat(r.local).st_mode)


@scenario
def get_flo(c, facts):
    b = io.BytesIO(); r = c.get("down.txt", b); return b.getvalue().decode(), r.local is b


@scenario
def get_missing(c, facts):
    return c.get("nope.txt")


@scenario
def get_dir(c, facts):
    return c.get("d")


@scenario
def get_denied(c, facts):
    return c.get("/etc/shadow")


@scenario
def get_empty(c, facts):
    return c.get("")


@scenario
def get_tilde(c, facts):
    return c.get("~/down.txt")


@scenario
def sftp(c, facts):
    s = c.sftp()
    s.mkdir("sdir"); s.putfo(io.BytesIO(b"abc"), "sdir/a"); 
    with s.open("sdir/b", "w") as h: h.write("text")
    with s.open("sdir/b") as h: text = h.read()
    s.rename("sdir/a", "sdir/c"); s.chmod("sdir/c", 0o600); s.symlink("c", "sdir/l")
    st = s.stat("sdir/c")
    out = [sorted(s.listdir("sdir")), text.decode() if isinstance(text, bytes) else text, st.st_size, oct(st.st_mode), s.readlink("sdir/l"), s.normalize("sdir/../sdir"), s.getcwd()]
    s.chdir("sdir"); out += [s.getcwd(), sorted(s.listdir())]; s.chdir(None)
    for n in ("b", "c", "l"): s.remove("sdir/" + n)
    s.rmdir("sdir")
    return out


@scenario
def sftp_missing(c, facts):
    return c.sftp().stat("nope")


@scenario
def sftp_keywords(c, facts):
    s, calls = c.sftp(), []
    def note(done, total):
        calls.append([done, total])
    open("kw.txt", "w").write("twelve bytes")
    with open("kw.txt", "rb") as file:
        sizes = [s.putfo(file, "kw1", file_size=99, callback=note).st_size]
    sizes += [s.put("kw.txt", "kw2", callback=note).st_size, s.put("kw.txt", "kw3", confirm=False).st_size]
    s.get("kw2", "kw-back.txt", callback=note, prefetch=False)
    sizes.append(s.getfo("kw2", io.BytesIO(), callback=note, prefetch=False))
    with s.open("kw4", "w", bufsize=0) as file:
        file.write("at once")
        seen = c.run("cat kw4", hide=True).stdout
    names = sorted(each.filename for each in s.listdir_iter(".", read_aheads=2) if each.filename[:2] == "kw")
    for name in names:
        s.remove(name)
    return [each for at, each in enumerate(calls) if each not in calls[:at]], sizes, seen, names


@scenario
def forward_remote(c, facts):
    srv = socket.socket(); srv.bind(("127.0.0.1", 0)); srv.listen(1); here = srv.getsockname()[1]
    fr = socket.socket(); fr.bind(("127.0.0.1", 0)); there = fr.getsockname()[1]; fr.close()
    def serve():
        k, _ = srv.accept(); k.sendall(b"hello\n"); k.close()
    threading.Thread(target=serve, daemon=True).start()
    with c.forward_remote(there, here):
        return c.run("bash -c 'read x < /dev/tcp/127.0.0.1/%d; echo $x'" % there, hide=True).stdout


@scenario
def attrs(c, facts):
    return [c.host, c.user, c.port, c.original_host, c.is_connected, c.forward_agent, c.gateway, c.connect_timeout]


@scenario
def attributes_set(c, facts):
    """Before it is opened, a connection can be sent elsewhere."""
    made = connection(facts)
    made.user = "nobody9"
    made.host = "127.0.0.2"
    made.port = 1
    made.mine = "kept"
    return [made.host, made.user, made.port, made.mine, made.config.mine]


@scenario
def own_conn(c, facts):
    k = connection(facts); r = [k.is_connected, k.run("echo a", hide=True).stdout, k.is_connected, k == c, hash(k) == hash(c)]
    k.close(); return r + [k.is_connected]


@scenario
def conn_shorthand(c, facts):
    from fabric import Connection
    return Connection("%s@%s:%d" % (facts["user"], facts["host"], facts["port"]), connect_kwargs={"key_filename": facts["key"]}).run("echo a", hide=True).stdout


@scenario
def conn_both(c, facts):
    from fabric import Connection
    return Connection("a@h", user="b")


@scenario
def conn_both_port(c, facts):
    from fabric import Connection
    return Connection("h:1", port=2)


@scenario
def conn_nohost(c, facts):
    from fabric import Connection
    return Connection()


@scenario
def conn_badkw(c, facts):
    from fabric import Connection
    return Connection("h", nope=1)


@scenario
def conn_refused(c, facts):
    from fabric import Connection
    return Connection("127.0.0.1", port=1).run("true")


@scenario
def conn_nodns(c, facts):
    from fabric import Connection
    return Connection("no.such.host.invalid").run("true")


@scenario
def conn_badkey(c, facts):
    k = connection(facts); k2 = type(k)(facts["host"], user="nobody9", port=facts["port"], connect_kwargs={"key_filename": facts["key"], "look_for_keys": False, "allow_agent": False})
    return k2.run("true")


@scenario
def conn_password(c, facts):
    return connection(facts, connect_kwargs={"password": "s3cret", "look_for_keys": False, "allow_agent": False}).run("echo pw", hide=True).stdout


@scenario
def conn_gateway(c, facts):
    g = connection(facts); return connection(facts, gateway=g).run("echo via", hide=True).stdout


@scenario
def conn_kwargs_clash(c, facts):
    return connection(facts, connect_kwargs={"username": "x"}).open()


@scenario
def conn_with(c, facts):
    with connection(facts) as k: return k.run("echo w", hide=True).stdout


@scenario
def conn_config(c, facts):
    from fabric import Config
    k = connection(facts, config=Config(overrides={"run": {"warn": True, "hide": True}, "sudo": {"password": "s3cret"}}))
    return k.run("exit 3").exited, k.sudo("whoami", in_stream=False).stdout


@scenario
def conn_repr(c, facts):
    k = connection(facts); return repr(k), repr(type(k)("web1"))


@scenario
def group_serial(c, facts):
    from fabric import SerialGroup
    g = SerialGroup.from_connections([connection(facts), connection(facts)])
    r = g.run("echo g", hide=True)
    return type(r).__module__, len(r), [v.stdout for v in r.values()], len(r.failed), len(r.succeeded)


@scenario
def group_thread(c, facts):
    from fabric import ThreadingGroup, Connection
    bad = Connection("127.0.0.1", port=1)
    g = ThreadingGroup.from_connections([connection(facts), bad])
    try:
        g.run("echo g", hide=True)
    except Exception as error:
        return of_error(error) + [len(error.result.failed), len(error.result.succeeded)]


@scenario
def group_exit(c, facts):
    from fabric import SerialGroup
    g = SerialGroup.from_connections([connection(facts)])
    try:
        g.run("exit 3", hide=True)
    except Exception as error:
        return of_error(error) + [[type(x).__name__ for x in error.result.failed.values()]]


@scenario
def group_ctor(c, facts):
    from fabric import SerialGroup
    g = SerialGroup("%s@%s:%d" % (facts["user"], facts["host"], facts["port"]), connect_kwargs={"key_filename": facts["key"]})
    return g.run("echo c", hide=True)[g[0]].stdout


@scenario
def group_get(c, facts):
    from fabric import SerialGroup
    g = SerialGroup.from_connections([connection(facts)])
    r = g.get("down.txt"); return [x.local for x in r.values()]


@scenario
def group_base(c, facts):
    from fabric import Group
    return Group("a").run("x")


@scenario
def exceptions_mod(c, facts):
    import invoke.exceptions as x
    return sorted(n for n in dir(x) if isinstance(getattr(x, n), type) and issubclass(getattr(x, n), Exception))


@scenario
def names_fabric(c, facts):
    import fabric
    return [hasattr(fabric, n) for n in "Config Connection Executor Group GroupResult Remote Result SerialGroup Task ThreadingGroup task".split()]


@scenario
def task_attrs(c, facts):
    from fabric import task
    from invoke import task as itask
    @task(name="nice", aliases=["n"], default=True, help={"x": "hm"}, iterable=["l"], incrementable=["v"], optional=["o"], hosts=["a"])
    def t(c, x, l=None, v=0, o=None): "doc"
    return [t.name, list(t.aliases), t.is_default, list(t.positional), list(t.iterable), list(t.incrementable), list(t.optional), t.hosts, t.__doc__, t.__name__, repr(t), t.times_called, t.called, type(t).__module__]


@scenario
def task_badkw(c, facts):
    from fabric import task
    return task(nope=1)(lambda c: None)


@scenario
def task_pre_twice(c, facts):
    from invoke import task
    @task
    def a(c): pass
    return task(a, pre=[a])(lambda c: None)


@scenario
def task_noctx(c, facts):
    from invoke import task
    return task(lambda: None)


@scenario
def task_call_noctx(c, facts):
    from invoke import task
    @task
    def a(c): return 1
    return a("x")


@scenario
def collection_conflict(c, facts):
    from invoke import Collection, task
    @task
    def db(c): pass
    ns = Collection(db); ns.add_collection(Collection("db"))


# Login settings in the configuration.


def configured(facts, overrides, **kw):
    from fabric import Config, Connection
    kw.setdefault("connect_kwargs", {"key_filename": facts["key"], "look_for_keys": False, "allow_agent": False})
    return Connection(facts["host"], config=Config(overrides=overrides), **kw)


@scenario
def config_user_and_port(c, facts):
    k = configured(facts, {"user": facts["user"], "port": facts["port"]})
    return [k.user, k.port, k.run("id -un; echo ${SSH_CONNECTION##* }", hide=True).stdout]


@scenario
def config_other_user(c, facts):
    k = configured(facts, {"user": "nobody9", "port": facts["port"]})
    return [k.user] + of_error(raised(k.run, "id -un"))


@scenario
def config_other_port(c, facts):
    k = configured(facts, {"user": facts["user"], "port": 1})
    return [k.port] + of_error(raised(k.run, "id -un"))


def raised(function, *args, **kwargs):
    try:
        return AssertionError(str(function(*args, **kwargs)))
    except Exception as error:
        return error


@scenario
def config_under_arguments(c, facts):
    k = configured(facts, {"user": "nobody9", "port": 1}, user=facts["user"], port=facts["port"])
    return [k.user, k.port, k.run("id -un", hide=True).stdout]


@scenario
def config_under_shorthand(c, facts):
    from fabric import Config, Connection
    config = Config(overrides={"user": "nobody9", "port": 1, "connect_kwargs": {"key_filename": facts["key"]}})
    k = Connection("%s@%s:%d" % (facts["user"], facts["host"], facts["port"]), config=config)
    return [k.user, k.port, k.run("id -un", hide=True).stdout]


@scenario
def config_set_later(c, facts):
    from fabric import Config, Connection
    config = Config()
    config.user = facts["user"]
    config["port"] = facts["port"]
    config.connect_kwargs = {"key_filename": [facts["key"]]}
    k = Connection(facts["host"], config=config)
    return [k.user, k.port, k.run("id -un", hide=True).stdout]


@scenario
def config_cloned(c, facts):
    from fabric import Config
    config = Config(overrides={"user": "nobody9", "port": 1, "run": {"warn": True}}).clone()
    k = type(c)(facts["host"], config=config)
    return [k.user, k.port, config.run.warn] + of_error(raised(k.run, "id -un"))


@scenario
def config_of_invoke(c, facts):
    from fabric import Connection
    from invoke.config import Config
    config = Config(overrides={"user": facts["user"], "port": facts["port"], "run": {"hide": True}})
    k = Connection(facts["host"], config=config, connect_kwargs={"key_filename": facts["key"]})
    return [k.user, k.port, k.run("id -un").stdout]


@scenario
def config_keys(c, facts):
    """Those of both are tried."""
    overrides = {"user": facts["user"], "port": facts["port"], "connect_kwargs": {
        "key_filename": [facts["key"]], "look_for_keys": False, "allow_agent": False}}
    first = configured(facts, overrides, connect_kwargs=None)
    both = configured(facts, overrides, connect_kwargs={"key_filename": [], "allow_agent": False})
    return [k.run("echo in", hide=True).stdout for k in (first, both)]


@scenario
def config_password(c, facts):
    overrides = {"user": facts["user"], "port": facts["port"], "connect_kwargs": {
        "password": "s3cret", "look_for_keys": False, "allow_agent": False}}
    return configured(facts, overrides, connect_kwargs=None).run("echo in", hide=True).stdout


@scenario
def config_timeouts(c, facts):
    overrides = {"user": facts["user"], "port": facts["port"], "timeouts": {"connect": "7", "command": 1}}
    k = configured(facts, overrides)
    return [k.connect_timeout, configured(facts, overrides, connect_timeout=3).connect_timeout] + of_error(
        raised(k.run, "sleep 9", hide=True))


@scenario
def config_gateway(c, facts):
    overrides = {"user": facts["user"], "port": facts["port"], "gateway": connection(facts)}
    dead = dict(overrides, gateway=type(c)(facts["host"], port=1))
    k = configured(facts, overrides)
    return [k.run("echo via", hide=True).stdout, k.gateway == c, configured(facts, dead, gateway=False).gateway,
            type(raised(configured(facts, dead).run, "true")).__name__]


PROXY = """
import os, socket, sys, threading
open("proxied", "a").write(sys.argv[1] + "\\n")
there = socket.create_connection((sys.argv[1], int(sys.argv[2])))
def pump(read, write, end):
    for data in iter(lambda: read(65536), b""):
        write(data)
    end()
threading.Thread(target=pump, args=(there.recv, lambda data: os.write(1, data), lambda: os._exit(0)), daemon=True).start()
pump(lambda size: os.read(0, size), there.sendall, lambda: there.shutdown(socket.SHUT_WR))
"""


@scenario
def config_proxy_command(c, facts):
    with open("proxy.py", "w") as file:
        file.write(PROXY)
    line = "/usr/bin/python3 %s %%h %%p" % os.path.abspath("proxy.py")
    k = configured(facts, {"user": facts["user"], "port": facts["port"], "gateway": line})
    # Whether paramiko can use a command's pipes does not matter here.
    raised(k.run, "true", hide=True)
    k.close()
    return set(open("proxied").read().split()) == {facts["host"]}


@scenario
def config_forward_agent(c, facts):
    made = [configured(facts, {"forward_agent": True}), configured(facts, {"forward_agent": True}, forward_agent=False)]
    return [k.forward_agent for k in made]


@scenario
def config_runners(c, facts):
    from fabric.runners import Remote

    class Mine(Remote):
        def run(self, command, **kwargs):
            return super().run("echo mine; " + command, **kwargs)

    overrides = {"user": facts["user"], "port": facts["port"], "runners": {"remote": Mine}}
    return configured(facts, overrides).run("echo its", hide=True).stdout


@scenario
def config_of_commands(c, facts):
    overrides = {"user": facts["user"], "port": facts["port"], "run": {
        "hide": True, "warn": True, "pty": True, "shell": "/bin/sh", "encoding": "latin-1", "env": {"A": "b"}}}
    k = configured(facts, overrides, inline_ssh_env=True)
    return [of_result(k.run("echo $A; test -t 1 && echo terminal; exit 3")),
            k.local("echo ${BASH_VERSION:-sh}", pty=False).stdout]


@scenario
def config_of_sudo(c, facts):
    overrides = {"user": facts["user"], "port": facts["port"], "run": {"hide": True}, "sudo": {
        "password": "s3cret", "user": "nobody", "prompt": "[mine] "}}
    k = configured(facts, overrides)
    return [k.sudo("id -un", in_stream=False).stdout, k.sudo("id -un", user="root", in_stream=False).stdout]


@scenario
def config_of_group(c, facts):
    from fabric import Config, SerialGroup
    config = Config(overrides={"user": facts["user"], "port": facts["port"], "run": {"hide": True},
                               "connect_kwargs": {"key_filename": facts["key"]}})
    found = SerialGroup(facts["host"], "localhost", config=config).run("id -un; echo ${SSH_CONNECTION##* }")
    return [(k.host, k.user, k.port, result.stdout) for k, result in found.items()]


@scenario
def commands_that_are_none(c, facts):
    found = []
    for command in (None, ["ls"], 5, b"ls"):
        try:
            found.append(c.run(command, hide=True).exited)
        except TypeError:
            found.append("TypeError")
    return found


@scenario
def connect_kwargs_without_effect(c, facts):
    k = type(c)(facts["host"], user=facts["user"], port=facts["port"], connect_kwargs={
        "key_filename": facts["key"], "gss_auth": False, "gss_kex": False, "disabled_algorithms": {}, "pkey": None})
    return k.run("echo in", hide=True).stdout


@scenario
def config_of_tasks(c, facts):
    """What a task hands on to another connection."""
    from fabric import Connection
    config = c.config.clone()
    config.user, config.port, config.connect_kwargs = facts["user"], facts["port"], {"key_filename": facts["key"]}
    return Connection("localhost", config=config).run("echo on", hide=True).stdout


@scenario
def config_files(c, facts):
    from fabric import Config
    found = [Config().run.warn]
    path = os.path.expanduser("~/.fabric.json")
    with open(path, "w") as file:
        json.dump({"user": facts["user"], "port": facts["port"], "run": {"warn": True, "hide": True}}, file)
    try:
        config = Config(overrides={"run": {"hide": "out"}})
        k = type(c)(facts["host"], config=config, connect_kwargs={"key_filename": facts["key"]})
        return found + [config.run.warn, config.run.hide, Config(lazy=True).run.warn, k.port,
                        k.run("id -un; exit 3", hide=True).stdout]
    finally:
        os.remove(path)


@scenario
def config_from_v1(c, facts):
    from fabric import Config, Connection
    given = env_of_v1(key_filename=[facts["key"]], password="s3cret", warn_only=True, no_agent=True, timeout=4,
                      host_string="%s:%d" % (facts["host"], facts["port"]), user=facts["user"])
    open("v1_ssh_config", "w").close()
    config, k = Config.from_v1(given), Connection.from_v1(given)
    run = k.run("id -un; exit 3", hide=True)
    plain = Connection.from_v1(env_of_v1(host_string=facts["host"], user=facts["user"], port=str(facts["port"]),
                                         key_filename=[facts["key"]]))
    return [config.run.warn, config.run.pty, config.sudo.password, config.sudo.prompt, config.timeouts.connect,
            config.connect_kwargs.allow_agent, k.user, k.host, k.port, k.connect_timeout, run.stdout, run.exited,
            plain.user, plain.port, plain.run("echo plain", hide=True).stdout,
            Config.from_v1(given, overrides={"run": {"warn": False}}).run.warn]


def env_of_v1(**changed):
    class Env(dict):
        __getattr__ = dict.__getitem__

    return Env(dict({
        "always_use_pty": True, "forward_agent": False, "gateway": None, "host_string": None, "key_filename": None,
        "no_agent": False, "password": None, "port": "22", "ssh_config_path": "v1_ssh_config", "sudo_password": None,
        "sudo_prompt": "sudo password:", "timeout": 10, "use_ssh_config": False, "user": "nobody9",
        "warn_only": False}, **changed))
