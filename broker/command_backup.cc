#include "broker/command_backup.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

#include "broker/backup.h"

namespace entente::broker {

int RunBackup(int argc, char** argv) {
  CLI::App app{
      "entente-broker backup --data /var/lib/entente --out /backup/monday\n\n"
      "Copies a data folder while its broker serves it. The copy holds the key "
      "file: keep the passphrase elsewhere.\n"};
  app.name("entente-broker backup");
  std::string data;
  std::string out;
  app.add_option("--data", data, "the broker's data folder")->required();
  app.add_option("--out", out, "the folder to make")->required();
  app.footer("Exit: 0 done, 1 failed, 2 wrong flags.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const auto report = BackUp(data, out);
  if (!report.ok()) {
    std::cerr << "entente-broker: " << report.status().message() << "\n";
    return 1;
  }
  std::cout << out << " holds " << report->ledgers << " ledgers with "
            << report->entries << " entries\n";
  return 0;
}

}  // namespace entente::broker
