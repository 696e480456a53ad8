"""Questions."""

from _hostout.engine import ask
from fabric.utils import handle_prompt_abort


def confirm(question, default=True):
    """Whether the answer is yes; an empty answer means `default`."""
    handle_prompt_abort("a confirmation")
    while True:
        answer = ask("ask", "%s [%s]" % (question, "Y/n" if default else "y/N"), False).strip().lower()
        if not answer:
            return default
        if answer in ("y", "yes", "n", "no"):
            return answer in ("y", "yes")
        print("I didn't understand you. Please specify '(y)es' or '(n)o'.")
