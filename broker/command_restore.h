// entente-broker restore
#ifndef ENTENTE_BROKER_COMMAND_RESTORE_H_
#define ENTENTE_BROKER_COMMAND_RESTORE_H_

namespace entente::broker {

// `argv[0]` is `restore`. Returns the exit code.
int RunRestore(int argc, char** argv);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_COMMAND_RESTORE_H_
