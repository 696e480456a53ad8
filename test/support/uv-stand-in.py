"""Replaces uv: accepts only the arguments that uv documents, and lets pip do the work.

First argument: a file to which it writes the commands.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile

calls, *arguments = sys.argv[1:]
parser = argparse.ArgumentParser(prog="uv")
commands = parser.add_subparsers(required=True).add_parser("pip").add_subparsers(dest="command", required=True)
common = argparse.ArgumentParser(add_help=False)
common.add_argument("-p", "--python", required=True)
common.add_argument("-c", "--constraints", action="append", default=[])
common.add_argument("--prerelease", choices=["allow", "disallow", "if-necessary"])
compile_ = commands.add_parser("compile", parents=[common])
compile_.add_argument("source")
compile_.add_argument("--no-header", action="store_true")
compile_.add_argument("--annotation-style", choices=["line", "split"])
compile_.add_argument("-o", "--output-file", required=True)
install = commands.add_parser("install", parents=[common])
install.add_argument("-r", "--requirements", required=True)
install.add_argument("--target", required=True)
install.add_argument("--no-deps", action="store_true")
install.add_argument("--link-mode", choices=["clone", "copy", "hardlink", "symlink"])
install.add_argument("--compile-bytecode", action="store_true")
request = parser.parse_args(arguments)

with open(calls, "a") as file:
    file.write(request.command + "\n")

pip = [request.python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
pip += [part for constraint in request.constraints for part in ("-c", constraint)]
if request.prerelease == "allow":
    pip.append("--pre")


def run(command):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode:
        missing = re.search("No matching distribution found for (.*)", result.stdout)
        if missing is None:
            sys.exit(result.stdout)
        name = missing.group(1)
        print("  × No solution found when resolving dependencies:", file=sys.stderr)
        print("  ╰─▶ Because %s was not found in the package registry and you require %s, we can" % (name, name), file=sys.stderr)
        print("      conclude that your requirements are unsatisfiable.", file=sys.stderr)
        sys.exit(1)


if request.command == "install":
    more = ["--no-deps"] if request.no_deps else []
    run([*pip, "-r", request.requirements, "--target", request.target, *more])
else:
    with tempfile.TemporaryDirectory() as folder:
        report = folder + "/report.json"
        run([*pip, "-r", request.source, "--dry-run", "--target", folder + "/none", "--report", report])
        with open(report) as file:
            found = json.load(file)["install"]
    with open(request.output_file, "w") as file:
        for item in found:
            metadata = item["metadata"]
            name = re.sub("[-_.]+", "-", metadata["name"]).lower()
            file.write("%s==%s  # via -r %s\n" % (name, metadata["version"], request.source))
