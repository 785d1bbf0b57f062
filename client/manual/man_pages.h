// Manual pages, from a program's own description of its commands.
#ifndef ENTENTE_CLIENT_MANUAL_MAN_PAGES_H_
#define ENTENTE_CLIENT_MANUAL_MAN_PAGES_H_

#include <map>
#include <string>

#include "client/manual/command_tree.h"

namespace entente::client {

struct ManualEdition {
  std::string section;  // `1`, `8`
  std::string date;     // 2026-11-25
  std::string version;  // 0.1.0
};

// File name to text, in man(7) macros: the program's page, and one for each
// command or group below it (`entente-agreement.1`). Text cannot become a
// macro.
std::map<std::string, std::string> ManPages(const CommandEntry& program,
                                            const ManualEdition& edition);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_MANUAL_MAN_PAGES_H_
