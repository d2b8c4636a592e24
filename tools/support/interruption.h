// The end of a tool by a signal: nothing half written stays behind.
#ifndef SWITCHYARD_TOOLS_SUPPORT_INTERRUPTION_H
#define SWITCHYARD_TOOLS_SUPPORT_INTERRUPTION_H

namespace switchyard {

/// From here on SIGINT, SIGTERM and SIGHUP remove all temporary paths (runtime/base/temporary_paths.h), print one line and end the process
/// by the same signal. To be called before there is another thread, and before anything installs handlers; a signal that is ignored stays
/// so.
void removeTemporariesOnSignals(const char *program);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_SUPPORT_INTERRUPTION_H
