// Standard output and error of a tool: what does not arrive is told, and is no crash.
#ifndef SWITCHYARD_TOOLS_SUPPORT_STANDARD_STREAMS_H
#define SWITCHYARD_TOOLS_SUPPORT_STANDARD_STREAMS_H

#include "runtime/base/status.h"

namespace switchyard {

/// To be called first in main. Writing beyond a limit of file size becomes an error of the write instead of a signal, and the process
/// ends with ExitCode::resources and one line where standard output did not take everything and nothing else went wrong: also
/// where LLVM ends the process, as for --help.
void guardStandardStreams(const char *program);

/// Flushes standard output and says whether everything arrived.
Status flushStandardOutput();

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_SUPPORT_STANDARD_STREAMS_H
