"""What runs tasks at once under Fabric; here the command line does."""

from _hostout.absent_names import absent

JobQueue = absent(__name__, "JobQueue", "bin/hostout -P HOST HOST ... runs commands on several hosts at once.")
