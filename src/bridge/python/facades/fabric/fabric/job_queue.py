"""Names for running tasks in parallel in Fabric; here, the command line does that."""

from _hostout.absent_names import absent

JobQueue = absent(__name__, "JobQueue", "bin/hostout -P HOST HOST ... runs commands on several hosts at once.")
