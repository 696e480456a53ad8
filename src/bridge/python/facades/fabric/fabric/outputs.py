"""Which output is shown."""

from _hostout.attributes import AliasDict

output = AliasDict(
    {
        "status": True,
        "aborts": True,
        "warnings": True,
        "running": True,
        "stdout": True,
        "stderr": True,
        "debug": False,
        "user": True,
        "exceptions": False,
    },
    {
        "everything": ["warnings", "running", "user", "output", "exceptions"],
        "output": ["stdout", "stderr"],
        "commands": ["stdout", "running"],
    },
)
