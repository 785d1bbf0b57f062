#include "tests/canary/canary.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <system_error>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace entente::canary {
namespace {

namespace fs = std::filesystem;

constexpr size_t kPiece = 16 << 20;

}  // namespace

std::vector<std::string> FormsOf(absl::string_view secret) {
  std::vector<std::string> forms = {std::string(secret)};
  const std::string hex = absl::BytesToHexString(secret);
  forms.push_back(hex);
  forms.push_back(absl::AsciiStrToUpper(hex));
  for (size_t offset = 0; offset < 3; ++offset) {
    // Whole groups of three bytes look alike whatever stands around them.
    const absl::string_view inner = secret.substr(offset);
    forms.push_back(absl::Base64Escape(inner.substr(0, inner.size() / 3 * 3)));
  }
  std::string wide;
  for (const char c : secret) wide.append({c, '\0'});
  forms.push_back(wide);
  return forms;
}

std::string FindIn(absl::string_view bytes,
                   const std::vector<std::string>& forms) {
  for (const std::string& form : forms) {
    if (std::search(bytes.begin(), bytes.end(),
                    std::boyer_moore_horspool_searcher(
                        form.begin(), form.end())) != bytes.end()) {
      return form;
    }
  }
  return "";
}

std::vector<std::string> FilesWith(const std::string& folder,
                                   const std::vector<std::string>& forms) {
  std::vector<std::string> found;
  std::error_code failed;
  for (const auto& at : fs::recursive_directory_iterator(folder, failed)) {
    if (!at.is_regular_file(failed)) continue;
    std::ifstream in(at.path(), std::ios::binary);
    std::stringstream content;
    content << in.rdbuf();
    const std::string form = FindIn(content.str(), forms);
    if (!form.empty()) {
      found.push_back(absl::StrCat(at.path().string(), ": ", form));
    }
  }
  return found;
}

absl::StatusOr<std::string> FindInMemory(pid_t pid,
                                         const std::vector<std::string>& forms,
                                         uint64_t* bytes_read) {
  *bytes_read = 0;
  std::ifstream maps(absl::StrCat("/proc/", pid, "/maps"));
  const int memory =
      open(absl::StrCat("/proc/", pid, "/mem").c_str(), O_RDONLY | O_CLOEXEC);
  if (!maps || memory < 0) {
    return absl::PermissionDeniedError("this user may not read its memory");
  }
  const auto closing = absl::MakeCleanup([memory] { close(memory); });
  std::string buffer;
  for (std::string line; std::getline(maps, line);) {
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::ByAnyChar("- "));
    if (parts.size() < 3 || parts[2].substr(0, 2) != "rw") continue;
    const uint64_t begin = std::stoull(parts[0], nullptr, 16);
    const uint64_t end = std::stoull(parts[1], nullptr, 16);
    for (uint64_t at = begin; at < end; at += kPiece) {
      buffer.resize(std::min<uint64_t>(kPiece + 256, end - at));
      const ssize_t got =
          pread(memory, buffer.data(), buffer.size(), static_cast<off_t>(at));
      if (got <= 0) break;
      *bytes_read += static_cast<uint64_t>(got);
      const std::string form = FindIn(
          absl::string_view(buffer.data(), static_cast<size_t>(got)), forms);
      if (!form.empty()) return form;
    }
  }
  return std::string();
}

}  // namespace entente::canary
