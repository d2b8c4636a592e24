// The end of a process that the system gave no more memory or threads.
#ifndef SWITCHYARD_TOOLS_SUPPORT_EXHAUSTION_H
#define SWITCHYARD_TOOLS_SUPPORT_EXHAUSTION_H

namespace switchyard {

/// From here on an allocation or a thread that the system refuses ends the process with ExitCode::resources and one line.
void reportExhaustion(const char *program);

}  // namespace switchyard

#endif  // SWITCHYARD_TOOLS_SUPPORT_EXHAUSTION_H
