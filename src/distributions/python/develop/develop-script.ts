/** The Python side of developing a package, with the standard library and the package's own build backend. */

/** The exit status for "use pip, which can install what is missing here". */
export const NOT_HERE = 42;

/**
 * Arguments: the request as JSON, the file for the answer. Runs in the package's directory. Answers with
 * the directory of the metadata and, for setuptools, of the code.
 */
export const DEVELOP_SCRIPT = `
import json, os, sys
request = json.loads(sys.argv[1])
answer = sys.argv[2]
not_here = ${NOT_HERE}

def tell(**facts):
    with open(answer, "w") as file:
        json.dump(facts, file)

try:
    from importlib.metadata import distribution
    for name in request["requires"]:
        distribution(name)
except Exception:
    sys.exit(not_here)

sys.path[:0] = [os.path.join(os.getcwd(), path) for path in request["path"]]

def with_setuptools():
    try:
        import setuptools
        from setuptools.command.egg_info import egg_info
    except ImportError:
        sys.exit(not_here)
    run = egg_info.run

    def noted(self):
        run(self)
        tell(metadata=os.path.abspath(self.egg_info), location=os.path.abspath(self.egg_base or "."))

    egg_info.run = noted
    sys.argv = ["setup.py", "-q", "egg_info", "build_ext", "--inplace"]
    sys.path.insert(0, os.getcwd())
    if not os.path.exists("setup.py"):
        setuptools.setup()
        return
    import tokenize
    with tokenize.open("setup.py") as file:
        source = file.read()
    path = os.path.abspath("setup.py")
    code = compile(source, path, "exec")
    exec(code, {"__name__": "__main__", "__file__": path})

def with_backend(name):
    import importlib
    module, _, attributes = name.partition(":")
    try:
        backend = importlib.import_module(module)
    except ImportError:
        sys.exit(not_here)
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    if not hasattr(backend, "prepare_metadata_for_build_wheel"):
        sys.exit(not_here)
    folder = backend.prepare_metadata_for_build_wheel(request["output"])
    tell(metadata=os.path.join(request["output"], folder))

if request["backend"].split(":")[0] == "setuptools.build_meta":
    with_setuptools()
else:
    with_backend(request["backend"])
`;
