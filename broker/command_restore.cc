#include "broker/command_restore.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "broker/passphrase.h"
#include "broker/restore.h"

namespace entente::broker {
namespace {

int SayWhy(const absl::Status& status) {
  std::cerr << "entente-broker: " << status.message() << "\n";
  return 1;
}

void PrintOpened(const NextPart& next) {
  std::cout << "ledger " << next.previous << " ends with " << next.size
            << " entries and goes on as " << next.name << "; ";
  if (next.signed_size > next.size) {
    std::cout << "entries " << next.size << " to " << next.signed_size - 1
              << " are lost, and perhaps more";
  } else {
    std::cout << "whether there were more is not known";
  }
  std::cout << "\n  whoever has seen no more than " << next.size
            << " goes on by itself; whoever has, is told what is lost (exit 6, "
               "LEDGER_ENTRIES_LOST) and goes on with: entente audit accept\n"
               "  digest of the first entry of "
            << next.name << ": " << next.digest << "\n";
}

void Print(const RestoreReport& report) {
  for (const auto& [ledger, count] : report.restored) {
    std::cout << "ledger " << ledger << ": " << count
              << " entries came back, and lead to what was signed\n";
  }
  for (const auto& [ledger, what] : report.missing) {
    std::cout << "ledger " << ledger << ": still missing " << what
              << "; find a mirror that has them, or give them up with "
                 "--new-ledgers\n";
  }
  for (const auto& [ledger, next] : report.opened) PrintOpened(next);
  for (const auto& [kind, count] : report.lost_acts) {
    std::cout << "to do again: " << count << " " << kind
              << ", of which the ledgers tell and the database does not\n";
  }
  std::cout << "every quota is used up until 00:00 UTC\n";
}

}  // namespace

int RunRestore(int argc, char** argv) {
  CLI::App app{
      "entente-broker restore --data /var/lib/entente --from /backup/monday "
      "--mirror /mirrors/broker --mirror /mirrors/isa-1 --passphrase-file "
      "/etc/entente/passphrase\n\nBrings a data folder whose database is an "
      "old "
      "copy back to what its anchors say was last signed. The missing entries "
      "come from mirrors that any party made with: entente audit mirror. "
      "Batches, agreements and keys of the lost time do not come back. If "
      "entries are in no mirror, or the anchors are lost too, --new-ledgers "
      "gives up what is missing.\n"};
  app.name("entente-broker restore");
  RestoreRequest request;
  std::string passphrase_file;
  int passphrase_fd = -1;
  app.add_option("--data", request.data, "the data folder, with its anchors")
      ->required();
  app.add_option("--from", request.backup,
                 "a backup, if the folder has no database");
  app.add_option("--mirror", request.mirrors, "a mirror of one ledger");
  app.add_flag("--new-ledgers", request.new_ledgers,
               "goes on without what cannot be brought back, in new parts of "
               "the ledgers, which every party is told; without anchors, in a "
               "new part of every ledger");
  app.add_option("--passphrase-file", passphrase_file,
                 "readable by its owner alone");
  app.add_option("--passphrase-fd", passphrase_fd, "instead of a file");
  app.footer(
      "Exit: 0 every ledger is whole, 1 failed, 2 wrong flags, 3 something is "
      "missing still.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto passphrase = passphrase_fd >= 0
                              ? ReadPassphraseFrom(passphrase_fd)
                              : ReadPassphraseFile(passphrase_file);
  if (!passphrase.ok()) return SayWhy(passphrase.status());
  const auto report = Restore(request, *passphrase, SystemClock());
  if (!report.ok()) return SayWhy(report.status());
  Print(*report);
  return report->missing.empty() ? 0 : 3;
}

}  // namespace entente::broker
