#include "broker/command_roll.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "broker/ledgers_at_rest.h"
#include "broker/passphrase.h"

namespace entente::broker {
namespace {

int NotRolled(const absl::Status& status) {
  std::cerr << "entente-broker: " << status.message() << "\n";
  return 1;
}

}  // namespace

int RunRoll(int argc, char** argv) {
  CLI::App app{
      "entente-broker roll --data /var/lib/entente --ledger isa-1 "
      "--passphrase-file /etc/entente/passphrase\n\nCloses a ledger and goes "
      "on "
      "in a new part of it, isa-1.1, whose first entry names the last "
      "checkpoint of the old. The old part stays readable. Clients and mirrors "
      "follow by themselves. The broker must be stopped.\n"};
  app.name("entente-broker roll");
  std::string data;
  std::string ledger;
  std::string passphrase_file;
  int passphrase_fd = -1;
  app.add_option("--data", data, "the broker's data folder")->required();
  app.add_option("--ledger", ledger, "an agreement's id, or broker")
      ->required();
  app.add_option("--passphrase-file", passphrase_file,
                 "readable by its owner alone");
  app.add_option("--passphrase-fd", passphrase_fd, "instead of a file");
  app.footer("Exit: 0 done, 1 failed, 2 wrong flags.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto passphrase = passphrase_fd >= 0
                              ? ReadPassphraseFrom(passphrase_fd)
                              : ReadPassphraseFile(passphrase_file);
  if (!passphrase.ok()) return NotRolled(passphrase.status());
  const auto next = RollLedger(data, ledger, *passphrase, SystemClock());
  if (!next.ok()) return NotRolled(next.status());
  std::cout << "ledger " << next->previous << " ends with " << next->size
            << " entries and goes on as " << next->name << "\n";
  return 0;
}

}  // namespace entente::broker
