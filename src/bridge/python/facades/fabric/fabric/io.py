"""Names for moving a command's output in Fabric; here, the engine does that."""

from _hostout.absent_names import absent

_INSTEAD = "the engine shows what commands print. Use run(), with stdout= for a stream of your own."
OutputLooper = absent(__name__, "OutputLooper", _INSTEAD)
output_loop = absent(__name__, "output_loop", _INSTEAD)
input_loop = absent(__name__, "input_loop", _INSTEAD)
