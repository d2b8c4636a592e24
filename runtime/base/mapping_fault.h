// A file that shrinks while it is mapped ends the process by SIGBUS. This turns the signal into a message.
#ifndef SWITCHYARD_RUNTIME_BASE_MAPPING_FAULT_H
#define SWITCHYARD_RUNTIME_BASE_MAPPING_FAULT_H

namespace switchyard {

/// From now on a SIGBUS inside a file mapping prints "PROGRAM: FILE shrank while in use" and ends the process with
/// ExitCode::invalid. Any other SIGBUS ends it as before. `program` must stay valid.
void installMappingFaultHandler(const char *program);

}  // namespace switchyard

#endif  // SWITCHYARD_RUNTIME_BASE_MAPPING_FAULT_H
