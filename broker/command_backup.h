// entente-broker backup
#ifndef ENTENTE_BROKER_COMMAND_BACKUP_H_
#define ENTENTE_BROKER_COMMAND_BACKUP_H_

namespace entente::broker {

// `argv[0]` is `backup`. Returns the exit code.
int RunBackup(int argc, char** argv);

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_COMMAND_BACKUP_H_
