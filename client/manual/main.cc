// Writes manual pages and completions into a folder; run by the build.
//   entente_manual FOLDER DATE VERSION SECTION DESCRIPTION...
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/manual/command_tree.h"
#include "client/manual/completions.h"
#include "client/manual/man_pages.h"

namespace {

bool Write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  return out.flush().good();
}

bool WriteAll(const std::filesystem::path& folder,
              const entente::client::CommandEntry& program,
              const entente::client::ManualEdition& edition) {
  bool written = true;
  for (const auto& [name, text] : entente::client::ManPages(program, edition)) {
    written = written && Write(folder / "man" / name, text);
  }
  return written &&
         Write(folder / "bash" / program.name,
               entente::client::BashCompletion(program)) &&
         Write(folder / "zsh" / absl::StrCat("_", program.name),
               entente::client::ZshCompletion(program)) &&
         Write(folder / "fish" / absl::StrCat(program.name, ".fish"),
               entente::client::FishCompletion(program));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: entente_manual FOLDER DATE VERSION SECTION "
                 "DESCRIPTION\n";
    return 2;
  }
  std::ifstream in(argv[5], std::ios::binary);
  const std::string json((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  const auto program = entente::client::ParseCommandTree(json);
  if (!program.ok()) {
    std::cerr << argv[5] << ": " << program.status().message() << "\n";
    return 1;
  }
  if (!WriteAll(argv[1], *program, {argv[4], argv[2], argv[3]})) {
    std::cerr << "cannot write into " << argv[1] << "\n";
    return 1;
  }
  return 0;
}
