// Completions for shells, from a program's own description of its commands.
#ifndef ENTENTE_CLIENT_MANUAL_COMPLETIONS_H_
#define ENTENTE_CLIENT_MANUAL_COMPLETIONS_H_

#include <string>

#include "client/manual/command_tree.h"

namespace entente::client {

// Each completes commands, options and, where a value is a file, a folder, a
// format or a profile, that value. They run nothing and call nobody.
std::string BashCompletion(const CommandEntry& program);
std::string ZshCompletion(const CommandEntry& program);
std::string FishCompletion(const CommandEntry& program);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MANUAL_COMPLETIONS_H_
