"""Behavior of Fabric 1: each function is run with Fabric itself and with ours, on one sshd."""

import io
import json
import os
import stat

from fabric.api import (cd, env, execute, get, hide, lcd, local, path, prefix, put, quiet, require, run, settings,
                        shell_env, show, sudo, warn_only)
from fabric.contrib import files
from fabric.contrib.project import rsync_project, upload_project
from fabric.decorators import hosts, roles, runs_once, task, with_settings

SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


def of(result):
    """Every attribute of a result."""
    return [str(result), str(result.stdout), str(result.stderr), result.return_code, result.failed, result.succeeded,
            result.command, result.real_command]


def of_error(error):
    if isinstance(error, SystemExit):
        return ["raised", "SystemExit", error.code]
    return ["raised", type(error).__name__, str(error) if isinstance(error, ValueError) else ""]


def moved(result):
    """The paths of put and get."""
    return sorted(map(str, result)), sorted(map(str, result.failed)), result.succeeded


def run_all(names):
    """Name -> its return value or exception."""
    found = {}
    before = dict(env)
    for name in names:
        try:
            with quiet_run(name):
                found[name] = json.loads(json.dumps(SCENARIOS[name]()))
        except BaseException as error:
            found[name] = of_error(error)
        for key in set(env) - set(before):
            del env[key]
        env.update(before)
    return found


def quiet_run(name):
    """Each scenario has its own directories: in the login directory, and here."""
    os.makedirs(name, exist_ok=True)
    with hide("everything"):
        run("mkdir -p %s" % name)
    return hide("everything")


def content(name):
    return run("cat %s" % name).stdout


def mode(name):
    return run("stat -c %%a %s" % name).stdout


def write(name, text, bits=None):
    os.makedirs(os.path.dirname(name), exist_ok=True)
    with open(name, "w") as file:
        file.write(text)
    if bits is not None:
        os.chmod(name, bits)


def read(name):
    with open(name) as file:
        return file.read()


def tree(top):
    return sorted(os.path.relpath(os.path.join(folder, name), top) for folder, _, names in os.walk(top)
                  for name in names)


# Commands.


@scenario
def run_plain():
    return of(run("echo hi; echo err >&2"))


@scenario
def run_two_lines():
    return of(run("echo one; echo two"))


@scenario
def run_in_login_directory():
    return run("pwd"), run("basename $PWD")


@scenario
def run_is_bash():
    return of(run("[[ abc == a* ]] && echo ${BASH_VERSION:+bash}"))


@scenario
def run_source():
    return of(run("echo 'export A=1' > run_source/env && source run_source/env && echo $A"))


@scenario
def run_login_profile():
    run("echo 'export FROM_PROFILE=yes' > .bash_profile")
    try:
        return of(run("echo $FROM_PROFILE"))
    finally:
        run("rm .bash_profile")


@scenario
def run_function_of_profile():
    run("echo 'workon() { echo working on $1; }' > .bash_profile")
    try:
        with prefix("workon site"):
            return of(run("echo done"))
    finally:
        run("rm .bash_profile")


@scenario
def run_both_outputs_in_order():
    return of(run("echo 1; echo 2 >&2; echo 3; echo successful >&2")), "successful" in run("echo successful >&2")


@scenario
def run_not_combined():
    return of(run("echo out; echo err >&2", pty=False, combine_stderr=False))


@scenario
def run_combined_without_pty():
    return of(run("echo 1; sleep 0.1; echo 2 >&2; sleep 0.1; echo 3", pty=False))


@scenario
def run_env_combine_stderr():
    with settings(combine_stderr=False, always_use_pty=False):
        return of(run("echo out; echo err >&2"))


@scenario
def run_has_terminal():
    return run("test -t 0 && test -t 1 && echo tty"), run("test -t 1 || echo none", pty=False)


@scenario
def run_always_use_pty_off():
    with settings(always_use_pty=False):
        return run("test -t 1 || echo none", pty=True)


@scenario
def run_terminal_size():
    return run("stty size")


@scenario
def run_without_shell():
    return of(run("echo $HOME \"quoted\"", shell=False))


@scenario
def run_env_use_shell_off():
    with settings(use_shell=False):
        return of(run("echo a b"))


@scenario
def run_env_shell():
    with settings(shell="sh -c"):
        return of(run("echo \"$0\" $((1+1))"))


@scenario
def run_env_shell_with_options():
    with settings(shell="/bin/bash -c"):
        return of(run("shopt -q login_shell || echo no login"))


@scenario
def run_quotes_and_dollars():
    return of(run("A='x y'; echo \"$A\" 'it''s' `echo back` \\$A \\\\ ~ * | head -c 40"))


@scenario
def run_backslashes():
    return of(run("printf '%s\\n' 'a\\b' \"c\\\\d\""))


@scenario
def run_shell_escape_off():
    return of(run("echo $HOME", shell_escape=False))


@scenario
def run_env_shell_escape_off():
    with settings(shell_escape=False):
        return of(run("echo \\$0"))


@scenario
def run_fails():
    return of(run("echo no; exit 3"))


@scenario
def run_fails_warn_only():
    return of(run("echo no; exit 3", warn_only=True))


@scenario
def run_fails_in_warn_only():
    with warn_only():
        return of(run("exit 4"))


@scenario
def run_fails_quiet():
    return of(run("echo no; exit 5", quiet=True))


@scenario
def run_ok_ret_codes():
    with settings(ok_ret_codes=[0, 7]):
        return of(run("exit 7"))


@scenario
def run_abort_exception():
    class Mine(Exception):
        pass

    try:
        with settings(abort_exception=Mine):
            run("exit 1")
    except Mine:
        return "mine"


@scenario
def run_killed():
    return run("kill -9 $$", warn_only=True).return_code


@scenario
def run_missing_command():
    return run("nosuchcommand", warn_only=True).return_code


@scenario
def run_timeout():
    from fabric.exceptions import CommandTimeout
    try:
        run("sleep 20", timeout=1)
    except CommandTimeout:
        return "timeout"


@scenario
def run_env_command_timeout():
    from fabric.exceptions import CommandTimeout
    try:
        with settings(command_timeout=1):
            run("sleep 20")
    except CommandTimeout:
        return "timeout"


@scenario
def run_capture_buffer_size():
    return run("echo 123456789; echo abcdefghi", capture_buffer_size=12), run("echo 12345", capture_buffer_size=100)


@scenario
def run_stdout_stream():
    out, err = io.StringIO(), io.StringIO()
    with show("stdout", "stderr"):
        result = run("echo one; echo two; echo three >&2", stdout=out, stderr=err, pty=False, combine_stderr=False)
    return of(result), out.getvalue(), err.getvalue()


@scenario
def run_stdout_stream_hidden():
    out = io.StringIO()
    return of(run("echo one", stdout=out)), out.getvalue()


@scenario
def run_prompts():
    with settings(prompts={"Name? ": "joe", "Sure? ": "yes"}):
        return run("read -p 'Name? ' a; read -p 'Sure? ' b; echo; echo got $a $b").splitlines()[-1]


@scenario
def run_utf8():
    return of(run("printf 'h\\303\\251\\n'"))


@scenario
def run_blanks_at_ends():
    return of(run("echo '  a  '; echo"))


@scenario
def run_multi_line():
    return of(run("""echo one
echo two"""))


@scenario
def run_unknown_keyword():
    try:
        run("true", nope=1)
    except TypeError:
        return "TypeError"


# Directories, prefixes, variables.


@scenario
def cd_nested():
    run("mkdir -p cd_nested/a/b")
    with cd("cd_nested"):
        with cd("a"):
            with cd("b"):
                deep = of(run("pwd"))
            return deep, of(run("pwd")), env.cwd


@scenario
def cd_absolute():
    with cd("/usr"), cd("lib"):
        with cd("/"):
            return run("pwd"), env.cwd
    return None


@scenario
def cd_tilde():
    with cd("/"):
        with cd("~/cd_tilde"):
            return of(run("pwd")), env.cwd


@scenario
def cd_tilde_of_user():
    with cd("~root"):
        return of(run("pwd", warn_only=True))[6:], env.cwd


@scenario
def cd_variable():
    with cd("$HOME/cd_variable"):
        return of(run("pwd"))


@scenario
def cd_blank():
    run("mkdir 'cd_blank/a b'")
    with cd("cd_blank"), cd("a b"):
        return of(run("pwd")), env.cwd


@scenario
def cd_escaped():
    run("mkdir \"cd_escaped/it's\"")
    with cd("cd_escaped/it\\'s"):
        return of(run("pwd"))


@scenario
def cd_pattern():
    run("mkdir cd_pattern/release-7")
    with cd("cd_pattern/release-*"):
        return of(run("pwd"))


@scenario
def cd_back():
    run("mkdir cd_back/in")
    with cd("cd_back/in"), cd(".."):
        return of(run("pwd")), env.cwd


@scenario
def cd_missing():
    with cd("/nonexistent"):
        return of(run("pwd", warn_only=True))[3:]


@scenario
def prefix_order():
    with prefix("A=1"), prefix("B=2"), cd("/"):
        return of(run("echo $A $B $PWD"))


@scenario
def shell_env_quotes():
    with shell_env(A="x y", B='say "hi"', C="$HOME"):
        return of(run("echo $A; echo $B; echo $C"))


@scenario
def shell_env_nested():
    with shell_env(A="1"), shell_env(B="2"):
        return run("echo [$A] [$B]"), env.shell_env


@scenario
def shell_env_with_sudo():
    with shell_env(A="1"):
        return of(sudo("echo $A"))


@scenario
def path_appended():
    with path("/opt/x/bin"):
        return of(run("echo $PATH | grep -o ':/opt/x/bin$'"))


@scenario
def path_prepended():
    with path("/opt/x/bin", behavior="prepend"):
        return of(run("echo $PATH | grep -o '^/opt/x/bin:'"))


@scenario
def path_replaced():
    with path("/usr/bin", behavior="replace"):
        return of(run("echo $PATH"))


@scenario
def settings_restore():
    env.mine = 1
    with settings(mine=2, other=3):
        inside = env.mine, env.other
        env.mine = 4
    return inside, env.mine, "other" in env


@scenario
def settings_clean_revert():
    env.mine = 1
    with settings(mine=2, clean_revert=True):
        env.mine = 4
    return env.mine


# As root.


@scenario
def sudo_plain():
    return of(sudo("whoami"))


@scenario
def sudo_as_user():
    return of(sudo("id -un", user="daemon"))


@scenario
def sudo_as_number():
    return of(sudo("id -un", user=33)), of(sudo("id -un", user="33"))


@scenario
def sudo_as_group():
    return of(sudo("id -gn", group="daemon"))


@scenario
def sudo_as_group_number():
    return of(sudo("id -g", user="daemon", group=33))


@scenario
def sudo_env_user():
    with settings(sudo_user="daemon"):
        return of(sudo("id -un"))


@scenario
def sudo_home():
    return sudo("echo $HOME"), sudo("pwd")


@scenario
def sudo_cd():
    with cd("/usr"), prefix("A=1"):
        return of(sudo("echo $A $PWD"))


@scenario
def sudo_without_shell():
    return of(sudo("whoami", shell=False))


@scenario
def sudo_without_pty():
    return of(sudo("echo out; sleep 0.1; echo err >&2; sleep 0.1; test -t 1 || echo none", pty=False))


@scenario
def sudo_apart():
    return of(sudo("echo out; echo err >&2", pty=False, combine_stderr=False))


@scenario
def sudo_fails():
    return of(sudo("exit 6", warn_only=True))


@scenario
def sudo_redirection():
    sudo("echo root > /tmp/sudo_redirection.$SUDO_UID")
    found = run("stat -c %U /tmp/sudo_redirection.$(id -u)")
    sudo("rm /tmp/sudo_redirection.$SUDO_UID")
    return found


@scenario
def sudo_own_prefix():
    with settings(sudo_prefix="sudo -S -E -p '%(sudo_prompt)s' "):
        return of(sudo("whoami"))


@scenario
def sudo_unknown_user():
    return sudo("whoami", user="nosuchuser", warn_only=True).failed


# Local commands.


@scenario
def local_plain():
    return of(local("echo hi"))


@scenario
def local_captured():
    return of(local("echo hi; echo err >&2", capture=True))


@scenario
def local_fails():
    return of(local("exit 3"))


@scenario
def local_fails_warn_only():
    with warn_only():
        return of(local("echo no >&2; exit 3", capture=True))


@scenario
def local_shell():
    return of(local("[[ a == a* ]] && echo ${BASH_VERSION:+bash}", capture=True, shell="/bin/bash"))


@scenario
def local_lcd():
    os.makedirs("local_lcd/a b", exist_ok=True)
    with lcd("local_lcd"), lcd("a b"):
        return local("basename \"$PWD\"", capture=True).stdout, env.lcwd


@scenario
def local_prefix_and_env():
    with prefix("A=1"), shell_env(B="2"):
        return of(local("echo $A $B", capture=True))


# Uploads.


@scenario
def put_file():
    write("put_file/a.txt", "a\n", 0o600)
    return moved(put("put_file/a.txt", "put_file/b.txt")), content("put_file/b.txt"), mode("put_file/b.txt")


@scenario
def put_into_directory():
    write("put_into_directory/a.txt", "a\n")
    return moved(put("put_into_directory/a.txt", "put_into_directory")), content("put_into_directory/a.txt")


@scenario
def put_with_slash():
    write("put_with_slash/a.txt", "a\n")
    return moved(put("put_with_slash/a.txt", "put_with_slash/"))


@scenario
def put_without_target():
    write("put_without_target/lonely.txt", "a\n")
    return moved(put("put_without_target/lonely.txt")), content("lonely.txt")


@scenario
def put_tilde():
    write("put_tilde/a.txt", "a\n")
    return moved(put("put_tilde/a.txt", "~/put_tilde/b.txt")), content("put_tilde/b.txt")


@scenario
def put_cd():
    write("put_cd/a.txt", "a\n")
    with cd("put_cd"):
        return moved(put("put_cd/a.txt", "c.txt")), run("ls")


@scenario
def put_lcd():
    write("put_lcd/a.txt", "a\n")
    with lcd("put_lcd"):
        return moved(put("a.txt", "put_lcd/"))


@scenario
def put_mode():
    write("put_mode/a.txt", "a\n", 0o644)
    return (moved(put("put_mode/a.txt", "put_mode/", mode=0o640)), mode("put_mode/a.txt"),
            moved(put("put_mode/a.txt", "put_mode/b", mode="0755")), mode("put_mode/b"))


@scenario
def put_mirror_mode():
    write("put_mirror_mode/a.sh", "a\n", 0o751)
    return moved(put("put_mirror_mode/a.sh", "put_mirror_mode/", mirror_local_mode=True)), mode("put_mirror_mode/a.sh")


@scenario
def put_keeps_mode_of_target():
    write("put_keeps_mode_of_target/a", "new\n", 0o644)
    run("echo old > put_keeps_mode_of_target/a; chmod 600 put_keeps_mode_of_target/a")
    put("put_keeps_mode_of_target/a", "put_keeps_mode_of_target/")
    return mode("put_keeps_mode_of_target/a"), content("put_keeps_mode_of_target/a")


@scenario
def put_pattern():
    for name in "ab":
        write("put_pattern/%s.txt" % name, name)
    write("put_pattern/c.md", "c")
    return moved(put("put_pattern/*.txt", "put_pattern")), run("ls put_pattern").split()


@scenario
def put_pattern_onto_file():
    for name in "ab":
        write("put_pattern_onto_file/%s.txt" % name, name)
    run("touch put_pattern_onto_file/file")
    return moved(put("put_pattern_onto_file/*.txt", "put_pattern_onto_file/file"))


@scenario
def put_no_match():
    return moved(put("put_no_match/*.txt", "put_no_match"))


@scenario
def put_no_match_warn_only():
    with warn_only():
        return moved(put("put_no_match/none", "put_no_match"))


@scenario
def put_without_glob():
    write("put_without_glob/[x].txt", "x")
    return moved(put("put_without_glob/[x].txt", "put_without_glob/", use_glob=False))


@scenario
def put_directory():
    write("put_directory/top/a", "a")
    write("put_directory/top/sub/b", "b")
    os.makedirs("put_directory/top/empty")
    return moved(put("put_directory/top", "put_directory")), sorted(run("find put_directory").split())


@scenario
def put_directory_with_slash():
    write("put_directory_with_slash/top/a", "a")
    return moved(put("put_directory_with_slash/top/", "put_directory_with_slash"))


@scenario
def put_directory_mode():
    write("put_directory_mode/top/a", "a", 0o600)
    put("put_directory_mode/top", "put_directory_mode", mode=0o640)
    return mode("put_directory_mode/top/a")


@scenario
def put_directory_mirrored():
    write("put_directory_mirrored/top/a", "a", 0o711)
    put("put_directory_mirrored/top", "put_directory_mirrored", mirror_local_mode=True)
    return mode("put_directory_mirrored/top/a")


@scenario
def put_directory_into_nothing():
    write("put_directory_into_nothing/top/a", "a")
    with warn_only():
        return moved(put("put_directory_into_nothing/top", "put_directory_into_nothing/none"))


@scenario
def put_missing_directory_warn_only():
    write("put_missing_directory_warn_only/a", "a")
    with warn_only():
        return moved(put("put_missing_directory_warn_only/a", "put_missing_directory_warn_only/none/a"))


@scenario
def put_missing_directory():
    write("put_missing_directory/a", "a")
    return moved(put("put_missing_directory/a", "put_missing_directory/none/a"))


@scenario
def put_file_object():
    stream = io.BytesIO(b"bytes\n")
    stream.seek(3)
    done = put(stream, "put_file_object/a", mode=0o640)
    return moved(done), content("put_file_object/a"), mode("put_file_object/a"), stream.tell()


@scenario
def put_text_object():
    return moved(put(io.StringIO("text\n"), "put_text_object/a")), content("put_text_object/a")


@scenario
def put_sudo():
    write("put_sudo/a", "a\n")
    sudo("mkdir put_sudo/root; chmod 700 put_sudo/root")
    done = put("put_sudo/a", "put_sudo/root/a", use_sudo=True, mode=0o600)
    return moved(done), sudo("cat put_sudo/root/a"), sudo("stat -c %a put_sudo/root/a"), run("ls").count("a\n")


@scenario
def put_sudo_temp_dir():
    write("put_sudo_temp_dir/a", "a\n")
    run("mkdir put_sudo_temp_dir/temp")
    return (moved(put("put_sudo_temp_dir/a", "put_sudo_temp_dir/b", use_sudo=True, temp_dir="put_sudo_temp_dir/temp")),
            run("ls put_sudo_temp_dir/temp"), content("put_sudo_temp_dir/b"))


@scenario
def put_sudo_directory():
    write("put_sudo_directory/top/sub/a", "a\n")
    sudo("mkdir put_sudo_directory/root")
    return (moved(put("put_sudo_directory/top", "put_sudo_directory/root", use_sudo=True)),
            sudo("cat put_sudo_directory/root/top/sub/a"))


# Downloads.


@scenario
def get_file():
    run("echo a > get_file/a.txt")
    return moved(get("get_file/a.txt", "get_file/b.txt")), read("get_file/b.txt")


@scenario
def get_default_place():
    run("echo a > get_default_place/a.txt")
    return moved(get("get_default_place/a.txt"))


@scenario
def get_into_directory():
    run("echo a > get_into_directory/a.txt")
    return moved(get("get_into_directory/a.txt", "get_into_directory")), moved(
        get("get_into_directory/a.txt", "get_into_directory/new/"))


@scenario
def get_named():
    run("echo a > get_named/a.txt")
    return moved(get("get_named/a.txt", "get_named/%(basename)s.copy")), moved(
        get("get_named/a.txt", "get_named/[%(dirname)s][%(path)s]"))


@scenario
def get_host_named():
    run("echo a > get_host_named/a.txt")
    return moved(get("get_host_named/a.txt", "get_host_named/%(host)s/100%"))


@scenario
def get_absolute():
    run("echo a > get_absolute/a.txt")
    return moved(get("%s/get_absolute/a.txt" % run("pwd"), "get_absolute/%(path)s"))


@scenario
def get_tilde():
    run("echo a > get_tilde/a.txt")
    return moved(get("~/get_tilde/a.txt", "get_tilde/"))


@scenario
def get_cd_lcd():
    run("mkdir 'get_cd_lcd/a b'; echo a > 'get_cd_lcd/a b/a.txt'")
    with cd("get_cd_lcd"), cd("a b"), lcd("get_cd_lcd"):
        return moved(get("a.txt", "c.txt")), read("get_cd_lcd/c.txt")


@scenario
def get_pattern():
    run("touch get_pattern/a.txt get_pattern/b.txt get_pattern/.c.txt get_pattern/d.md")
    return moved(get("get_pattern/*.txt", "get_pattern/"))


@scenario
def get_pattern_without_match():
    with warn_only():
        return moved(get("get_pattern_without_match/*.txt", "get_pattern_without_match/"))


@scenario
def get_directory():
    run("mkdir -p get_directory/top/sub get_directory/top/empty; echo a > get_directory/top/a; echo b > get_directory/top/sub/b")
    return moved(get("get_directory/top", "get_directory/here")), tree("get_directory")


@scenario
def get_directory_default_place():
    run("mkdir -p get_directory_default_place/top/sub; echo b > get_directory_default_place/top/sub/b")
    return moved(get("get_directory_default_place/top"))


@scenario
def get_directory_with_slash():
    run("mkdir -p get_directory_with_slash/top/sub; echo b > get_directory_with_slash/top/sub/b")
    return moved(get("get_directory_with_slash/top/", "get_directory_with_slash/here"))


@scenario
def get_directory_named():
    run("mkdir -p get_directory_named/top/sub; echo a > get_directory_named/top/a; echo b > get_directory_named/top/sub/b")
    return moved(get("get_directory_named/top", "get_directory_named/%(dirname)s/x-%(basename)s")), moved(
        get("get_directory_named/top", "get_directory_named/all/%(path)s"))


@scenario
def get_directory_links():
    run("mkdir -p get_directory_links/top/sub; echo b > get_directory_links/top/sub/b; ln -s sub get_directory_links/top/link; "
        "ln -s sub/b get_directory_links/top/file")
    return moved(get("get_directory_links/top", "get_directory_links/here"))


@scenario
def get_missing():
    return moved(get("get_missing/none", "get_missing/"))


@scenario
def get_missing_warn_only():
    with settings(warn_only=True):
        return moved(get("get_missing_warn_only/none", "get_missing_warn_only/"))


@scenario
def get_file_object():
    run("echo a > get_file_object/a.txt")
    stream = io.BytesIO()
    return moved(get("get_file_object/a.txt", stream)), stream.getvalue().decode()


@scenario
def get_sudo():
    sudo("echo secret > get_sudo/a; chmod 600 get_sudo/a")
    return moved(get("get_sudo/a", "get_sudo/a", use_sudo=True)), read("get_sudo/a"), run("ls get_sudo")


@scenario
def get_sudo_temp_dir():
    sudo("echo secret > get_sudo_temp_dir/a; chmod 600 get_sudo_temp_dir/a")
    run("mkdir get_sudo_temp_dir/temp")
    return (moved(get("get_sudo_temp_dir/a", "get_sudo_temp_dir/a", use_sudo=True, temp_dir="get_sudo_temp_dir/temp")),
            run("ls get_sudo_temp_dir/temp"))


# fabric.contrib.files


def file_with(name, *lines):
    put(io.StringIO("".join(line + "\n" for line in lines)), name)


@scenario
def exists_kinds():
    run("touch exists_kinds/a 'exists_kinds/a b'; ln -s none exists_kinds/broken")
    return [files.exists(each) for each in ("exists_kinds/a", "exists_kinds", "exists_kinds/none", "$HOME/exists_kinds/a",
                                            "~/exists_kinds/a", "exists_kinds/a b", "exists_kinds/*", "exists_kinds/broken",
                                            "'exists_kinds/a b'")]


@scenario
def exists_cd_and_sudo():
    run("touch exists_cd_and_sudo/a")
    sudo("mkdir -m 700 exists_cd_and_sudo/root; touch exists_cd_and_sudo/root/b")
    with cd("exists_cd_and_sudo"):
        return files.exists("a"), files.exists("root/b"), files.exists("root/b", use_sudo=True), files.exists("a", verbose=True)


@scenario
def is_link_kinds():
    run("touch is_link_kinds/a; ln -s a is_link_kinds/b; ln -s none is_link_kinds/c")
    return [files.is_link("is_link_kinds/" + each) for each in ("a", "b", "c", "none")]


@scenario
def first_of():
    run("touch first_of/b")
    return files.first("first_of/a", "first_of/b", "first_of"), files.first("first_of/x")


CONTENT = ("plain", "a.b*c", "cost $5 `x`", 'say "hi"', "it's", "back\\slash", "[x] (y) {z} ^ | + ?", "Upper")


@scenario
def contains_kinds():
    file_with("contains_kinds/f", *CONTENT)
    found = [files.contains("contains_kinds/f", each) for each in CONTENT + ("axb*c", "lai", "upper")]
    found += [files.contains("contains_kinds/f", each, exact=True) for each in CONTENT + ("lai",)]
    return found


@scenario
def contains_expression():
    file_with("contains_expression/f", *CONTENT)
    return [files.contains("contains_expression/f", each, escape=False) for each in ("^p.*n$", "a.b", "^x", "(Upper|lower)")]


@scenario
def contains_options():
    file_with("contains_options/f", *CONTENT)
    return (files.contains("contains_options/f", "upper", case_sensitive=False), files.contains("contains_options/none", "x"),
            files.contains("contains_options/f", "plain", shell=True), files.contains("contains_options/f", "plain", use_sudo=True),
            files.contains("contains_options/f", "plain", exact=True, escape=False))


@scenario
def append_lines():
    name = "append_lines/f"
    files.append(name, "one")
    files.append(name, ["one", "two", ""])
    files.append(name, ["", "on"])
    files.append(name, "o", partial=True)
    return content(name).splitlines()


@scenario
def append_special():
    for each in CONTENT:
        files.append("append_special/f", each)
    first = content("append_special/f").splitlines()
    for each in CONTENT:
        files.append("append_special/f", each)
    return first, content("append_special/f").splitlines()


@scenario
def append_unescaped():
    files.append("append_unescaped/f", "$HOME", escape=False)
    files.append("append_unescaped/f", '"x"', escape=False)
    return content("append_unescaped/f").splitlines()


@scenario
def append_sudo():
    files.append("append_sudo/f", "root", use_sudo=True)
    return run("stat -c %U append_sudo/f"), content("append_sudo/f")


@scenario
def append_in_cd():
    with cd("append_in_cd"):
        files.append("f", "x")
        return content("f")


def changed(name, function, *args, **kwargs):
    """The file after a change, and its backup."""
    file_with(name, "# one", "#two", "  # one more", "one", "path /usr/lib", "a|b", "it's (x)", "one one")
    result = function(name, *args, **kwargs)
    return [result.command, result.failed, content(name).splitlines(), files.exists(name + ".bak")]


@scenario
def sed_plain():
    return changed("sed_plain/f", files.sed, "one", "1")


@scenario
def sed_groups():
    return changed("sed_groups/f", files.sed, "(o)(n)e", "\\2\\1")


@scenario
def sed_slashes():
    return changed("sed_slashes/f", files.sed, "/usr/lib", "/opt/lib")


@scenario
def sed_quotes_and_parentheses():
    return changed("sed_quotes_and_parentheses/f", files.sed, "one", "(x)")


@scenario
def sed_single_quote():
    with warn_only():
        return changed("sed_single_quote/f", files.sed, "it's", "its")


@scenario
def sed_limit():
    return changed("sed_limit/f", files.sed, "one", "1", limit="^#")


@scenario
def sed_flags():
    return changed("sed_flags/f", files.sed, "ONE", "1", flags="i")


@scenario
def sed_backup():
    result = changed("sed_backup/f", files.sed, "one", "1", backup=".orig")
    return result, files.exists("sed_backup/f.orig"), changed("sed_backup/g", files.sed, "one", "1", backup="")


@scenario
def sed_shell():
    return changed("sed_shell/f", files.sed, "^one$", "1", shell=True)


@scenario
def sed_dollar():
    return changed("sed_dollar/f", files.sed, "more$", "$HOME")


@scenario
def sed_sudo():
    return changed("sed_sudo/f", files.sed, "one", "1", use_sudo=True)


@scenario
def comment_plain():
    return changed("comment_plain/f", files.comment, "one")


@scenario
def comment_anchored():
    return changed("comment_anchored/f", files.comment, "^one$"), changed("comment_anchored/g", files.comment, r"^one",
                                                                        char="; ", backup="")


@scenario
def uncomment_plain():
    return changed("uncomment_plain/f", files.uncomment, "one"), changed("uncomment_plain/g", files.uncomment, "two")


@scenario
def uncomment_char():
    file_with("uncomment_char/f", "; one", ";two", "# one")
    files.uncomment("uncomment_char/f", "one", char=";")
    return content("uncomment_char/f").splitlines()


@scenario
def upload_template_plain():
    write("upload_template_plain/t", "100%% of %(who)s, %(n)d\n", 0o600)
    name = "upload_template_plain/out"
    done = files.upload_template("upload_template_plain/t", name, {"who": "you", "n": 5})
    return moved(done), content(name), mode(name)


@scenario
def upload_template_without_context():
    write("upload_template_without_context/t", "100%% of %(who)s\n")
    files.upload_template("upload_template_without_context/t", "upload_template_without_context/out")
    return content("upload_template_without_context/out")


@scenario
def upload_template_backup():
    write("upload_template_backup/t", "new\n")
    run("echo old > upload_template_backup/out; echo old > upload_template_backup/other")
    files.upload_template("upload_template_backup/t", "upload_template_backup/out")
    files.upload_template("upload_template_backup/t", "upload_template_backup/other", backup=False)
    return run("cd upload_template_backup; head *").splitlines()


@scenario
def upload_template_into_directory():
    write("upload_template_into_directory/t.conf", "x\n")
    return moved(files.upload_template("upload_template_into_directory/t.conf", "upload_template_into_directory")), moved(
        files.upload_template("upload_template_into_directory/t.conf", "upload_template_into_directory/"))


@scenario
def upload_template_modes():
    write("upload_template_modes/t", "x\n", 0o750)
    files.upload_template("upload_template_modes/t", "upload_template_modes/a", mirror_local_mode=True)
    files.upload_template("upload_template_modes/t", "upload_template_modes/b", mode=0o604)
    return mode("upload_template_modes/a"), mode("upload_template_modes/b")


@scenario
def upload_template_sudo():
    write("upload_template_sudo/t", "x\n")
    sudo("mkdir -m 700 upload_template_sudo/root")
    files.upload_template("upload_template_sudo/t", "upload_template_sudo/root/a", use_sudo=True, pty=False)
    return sudo("cat upload_template_sudo/root/a")


@scenario
def upload_template_folder():
    write("upload_template_folder/templates/t", "%(x)s\n")
    files.upload_template("t", "upload_template_folder/out", {"x": 1}, template_dir="upload_template_folder/templates")
    return content("upload_template_folder/out")


@scenario
def upload_template_missing():
    files.upload_template("upload_template_missing/none", "upload_template_missing/out")


@scenario
def upload_project_plain():
    write("upload_project_plain/site/a", "a")
    write("upload_project_plain/site/sub/b", "b", 0o751)
    upload_project("upload_project_plain/site", "upload_project_plain")
    return sorted(run("find upload_project_plain -type f").split()), mode("upload_project_plain/site/sub/b")


@scenario
def upload_project_sudo():
    write("upload_project_sudo/site/a", "a")
    upload_project("upload_project_sudo/site/", "upload_project_sudo", use_sudo=True)
    return content("upload_project_sudo/site/a"), run("ls upload_project_sudo")


@scenario
def rsync_project_plain():
    write("rsync_project_plain/site/a", "a")
    write("rsync_project_plain/site/b.pyc", "b")
    result = rsync_project("rsync_project_plain", "rsync_project_plain/site", exclude=["*.pyc"], delete=True)
    return result.failed, sorted(run("find rsync_project_plain -type f").split())


@scenario
def rsync_project_contents():
    write("rsync_project_contents/site/a", "a")
    rsync_project("rsync_project_contents/there", "rsync_project_contents/site/", exclude="x")
    return sorted(run("find rsync_project_contents -type f").split())


@scenario
def rsync_project_down():
    run("echo a > rsync_project_down/a")
    rsync_project("rsync_project_down/", "rsync_project_down/here/", upload=False, default_opts="-a")
    return tree("rsync_project_down/here")


# Tasks and hosts.


def where():
    return env.host_string, env.host, env.user == env.local_user


@scenario
def execute_hosts():
    return sorted(execute(where, hosts=[env.host_string, " %s " % env.host_string, "other"]).items())


@scenario
def execute_host():
    return execute(lambda a, b=2: [a, b, env.host_string], 1, host="one", b=3)


@scenario
def execute_roles():
    with settings(roledefs={"web": ["a", "b"], "db": {"hosts": ["b", "c"]}, "late": lambda: ["d"]}):
        return [sorted(execute(lambda: env.effective_roles, **each).items()) for each in (
            {"role": "web"}, {"roles": ["web", "db"]}, {"roles": ["web", "db"], "exclude_hosts": ["b"]}, {"role": "late"},
            {"role": "web", "hosts": ["x"]})]


@scenario
def execute_unknown_role():
    return execute(where, role="nosuch")


@scenario
def execute_decorated():
    @hosts("a", "b")
    def one():
        return env.all_hosts

    @roles("web")
    @task
    def two():
        return env.host_string

    with settings(roledefs={"web": ["c"]}):
        return execute(one), execute(two), execute(one, hosts=["z"]), one.hosts, two.roles


@scenario
def execute_env_hosts():
    with settings(hosts=["a", "b", "a"], exclude_hosts=["b"]):
        return execute(lambda: env.host_string)


@scenario
def execute_env_roles():
    with settings(hosts=[], roles=["web"], roledefs={"web": ["a"]}):
        return execute(lambda: [env.host_string, env.effective_roles])


@scenario
def execute_without_hosts():
    with settings(hosts=[], roles=[]):
        return execute(lambda: 5)


@scenario
def execute_duplicates():
    seen = []
    with settings(dedupe_hosts=False):
        execute(lambda: seen.append(env.host_string), hosts=["a", "a"])
    return seen


@scenario
def port_of_the_command():
    return env.port, "%s" % env.port, type(env.port + "") is str, env.port == str(int(env.port))


@scenario
def execute_user_and_port():
    return execute(lambda: [env.user, env.host, env.port, env.host_string], hosts=["joe@h:2200", "[::1]:22"])


@scenario
def execute_restores():
    before = env.host_string
    execute(lambda: None, hosts=["a"])
    return env.host_string == before


@scenario
def execute_runs_on_host():
    return execute(lambda: run("echo there").stdout, hosts=[env.host_string]) == {env.host_string: "there"}


@scenario
def execute_once():
    calls = []

    @runs_once
    def once():
        calls.append(env.host_string)
        return len(calls)

    return execute(once, hosts=["a", "b"]), calls


@scenario
def execute_sets_hosts():
    def staging():
        env.hosts = ["stage"]

    execute(staging, hosts=["a"])
    return env.hosts, execute(lambda: env.host_string)


@scenario
def task_objects():
    @task(alias="al", default=True, name="named")
    def function(a, b=1):
        """What it does."""
        return a + b

    return (function.name, function.aliases, function.is_default, function(1), function.run(2, b=3), function.__doc__,
            function.__name__)


@scenario
def task_with_settings():
    @with_settings(mine=3)
    def function():
        return env.mine

    return function(), "mine" in env


@scenario
def require_there():
    env.there = 1
    return require("there")


@scenario
def require_missing():
    return require("there", "missing", used_for="this", provided_by=[where])


@scenario
def require_empty():
    env.empty = []
    return require("empty")


@scenario
def output_groups():
    from fabric.state import output
    with hide("output"):
        with show("stdout"):
            return output.stdout, output.stderr, output.running


@scenario
def quiet_fails():
    with quiet():
        return run("exit 1").failed


@scenario
def network_strings():
    from fabric.network import denormalize, join_host_strings, normalize, parse_host_string, to_dict
    # The port of a part is only for its own host; one that is set explicitly is for every host.
    with settings(port=str(env.port)):
        return ([list(normalize(each)) for each in ("joe@h:23", "h", "h:24", "joe@[::1]:25")], parse_host_string("a@b"),
                join_host_strings("a", "b", "c"), join_host_strings("a", "::1", "22"), denormalize("joe@h:22"), to_dict("joe@h:1"))


# Every name in Fabric's `env`.
ENV_NAMES = """
    abort_exception abort_on_prompts again_prompt all_hosts always_use_pty colorize_errors combine_stderr command
    command_prefixes command_timeout connection_attempts cwd dedupe_hosts default_port disable_known_hosts
    eagerly_disconnect echo_stdin effective_roles exclude_hosts fabfile forward_agent gateway gss_auth gss_deleg gss_kex
    hide host host_string hosts keepalive key_filename lcwd linewise local_user no_agent no_keys ok_ret_codes
    output_prefix parallel password passwords path path_behavior pool_size port prompts rcfile real_fabfile
    reject_unknown_hosts remote_interrupt roledefs roles shell shell_env show skip_bad_hosts skip_unknown_tasks
    ssh_config_path sudo_password sudo_passwords sudo_prefix sudo_prompt sudo_user system_known_hosts tasks timeout
    use_exceptions_for use_shell use_ssh_config user version warn_only
""".split()

# Their values depend on who runs it where.
ENV_OF_THE_RUN = ("all_hosts command fabfile gateway hide host host_string hosts key_filename local_user no_agent no_keys path port rcfile "
                  "real_fabfile show ssh_config_path tasks user version").split()


@scenario
def env_names():
    from fabric import state
    return sorted(state.env) if state.env_options else ENV_NAMES


@scenario
def env_defaults():
    return {name: env.get(name, "missing") for name in ENV_NAMES if name not in ENV_OF_THE_RUN}


@scenario
def env_of_the_run():
    return [name for name in ENV_OF_THE_RUN if name not in env]


@scenario
def ssh_config_of_hosts():
    from fabric.network import ssh_config
    open("aliases", "w").write("Host shop\n HostName shop.example\n Port 2222\n IdentityFile /k1\n IdentityFile /k2\n"
                               "Host *\n User joe\n")
    without = ssh_config("shop")
    names = ("hostname", "port", "identityfile", "user")
    with settings(use_ssh_config=True, ssh_config_path="aliases"):
        found = [ssh_config("shop"), ssh_config("ann@elsewhere:7")]
    return without, [[each.get(name) for name in names] for each in found]


@scenario
def walk_of_sftp():
    from fabric.sftp import SFTP
    run("mkdir -p w/a/b w/c; touch w/1 w/a/2 w/a/b/3; ln -s ../a w/c/link")
    def paths(**keywords):
        return sorted([top, sorted(folders), sorted(files)] for top, folders, files in SFTP(env.host_string).walk("w", **keywords))
    pruned = []
    for top, folders, files in SFTP(env.host_string).walk("w"):
        pruned.append(top)
        folders[:] = [each for each in folders if each != "a"]
    up = [top for top, _, _ in SFTP(env.host_string).walk("w/a", topdown=False)]
    errors = []
    none = list(SFTP(env.host_string).walk("w/none", onerror=lambda problem: errors.append(type(problem).__name__)))
    return paths(), paths(followlinks=True), sorted(pruned), up, errors, none


@scenario
def port_of_env():
    with settings(host_string="localhost", port=str(env.port), user=str(env.user)):
        return run("echo ${SSH_CONNECTION##* }").stdout


@scenario
def parallel_execute():
    from fabric.decorators import parallel

    @parallel(pool_size=2)
    def each(*args):
        env.set_inside = True
        return [env.host_string, env.parallel, env.linewise, list(args), run("echo there").stdout]

    hosts = ["%s@%s:%s" % (env.user, name, env.port) for name in ("127.0.0.1", "localhost")]
    found = execute(each, 1, hosts=hosts)
    return sorted(found.items()), "set_inside" in env, env.parallel


@scenario
def parallel_failure():
    from fabric.decorators import parallel

    @parallel
    def each():
        if env.host == "localhost":
            raise ValueError("no")
        return 1

    hosts = ["%s@%s:%s" % (env.user, name, env.port) for name in ("127.0.0.1", "localhost")]
    with settings(warn_only=True):
        found = execute(each, hosts=hosts)
    return [found[hosts[0]], type(found[hosts[1]]).__name__, str(found[hosts[1]])]


@scenario
def parallel_abort():
    from fabric.decorators import parallel
    return execute(parallel(lambda: run("exit 3")), hosts=["%s@127.0.0.1:%s" % (env.user, env.port)])


@scenario
def parallel_env():
    with settings(parallel=True):
        return [execute(task, hosts=["%s@127.0.0.1:%s" % (env.user, env.port)])
                for task in (seen_parallel, serial_seen_parallel)]


def seen_parallel():
    env.parallel_was_here = True
    return env.parallel


def serial_seen_parallel():
    return "parallel_was_here" in env


serial_seen_parallel.serial = True


@scenario
def no_tasks():
    with settings(skip_unknown_tasks=True):
        return execute("no_such_task")


@scenario
def modules():
    from fabric.auth import get_password, set_password
    from fabric.docs import unwrap_tasks
    from fabric.io import output_loop
    from fabric.job_queue import JobQueue
    from fabric.sftp import SFTP
    from fabric.task_utils import merge
    from fabric.thread_handling import ThreadHandler
    env.passwords = {}
    set_password("a", "b", "22", "secret")
    return (get_password("a", "b", "22"), merge(["a"], [], [], {}), [each.__name__ for each in (SFTP, JobQueue, ThreadHandler)],
            callable(unwrap_tasks), callable(output_loop))


@scenario
def thread_handler():
    from fabric.thread_handling import ThreadHandler
    handler = ThreadHandler("x", lambda: 1 / 0)
    handler.thread.join()
    handler.raise_if_needed()


@scenario
def sftp_object():
    from fabric.sftp import SFTP
    client = SFTP(env.host_string)
    run("mkdir sftp_object/d; ln -s d sftp_object/l")
    return [client.isdir("sftp_object/d"), client.islink("sftp_object/l"), client.exists("sftp_object/none"),
            stat.S_ISDIR(client.stat("sftp_object/l").st_mode), sorted(client.listdir("sftp_object"))]


@scenario
def tunnel():
    import socket
    import threading
    from fabric.context_managers import remote_tunnel
    here, there = socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))
    port = there.getsockname()[1]
    there.close()

    def greet():
        client = here.accept()[0]
        client.sendall(b"through\n" + client.recv(100))
        client.close()

    threading.Thread(target=greet, daemon=True).start()
    with remote_tunnel(port, local_port=here.getsockname()[1], local_host="127.0.0.1"):
        return run("exec 3<>/dev/tcp/127.0.0.1/%s; echo said >&3; cat <&3" % port).splitlines()


@scenario
def utilities():
    from fabric.utils import apply_lcwd, indent
    with settings(lcwd="/x"):
        return indent("a\nb"), indent(["a", "b"], spaces=2), indent("  a\n  b", strip=True), apply_lcwd("y", env)


@scenario
def colors():
    from fabric.colors import blue, green, red, yellow
    return red("a"), green("b", bold=True), blue("c"), yellow("d")
