#include "tests/attacks/meter.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace entente::attacks {
namespace {

// In `stat`, counted after the closing parenthesis of the name (proc(5)).
constexpr size_t kUserTicks = 11;
constexpr size_t kSystemTicks = 12;

std::string Read(pid_t process, absl::string_view what) {
  std::ifstream file(absl::StrCat("/proc/", process, "/", what));
  return {std::istreambuf_iterator<char>(file),
          std::istreambuf_iterator<char>()};
}

double Number(absl::string_view text) {
  double number = 0;
  return absl::SimpleAtod(text, &number) ? number : 0;
}

}  // namespace

Cost CostOf(pid_t process) {
  Cost cost;
  const std::string stat = Read(process, "stat");
  const std::vector<std::string> fields =
      absl::StrSplit(absl::string_view(stat).substr(stat.rfind(')') + 1), ' ',
                     absl::SkipEmpty());
  if (fields.size() <= kSystemTicks) return cost;
  cost.cpu_seconds =
      (Number(fields[kUserTicks]) + Number(fields[kSystemTicks])) /
      static_cast<double>(sysconf(_SC_CLK_TCK));
  const std::string status = Read(process, "status");
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    const auto value = [&line](absl::string_view name) {
      if (!absl::ConsumePrefix(&line, name)) return 0.0;
      absl::ConsumeSuffix(&line, "kB");
      return Number(line);
    };
    if (const double kib = value("VmRSS:"); kib > 0) {
      cost.memory_mib = kib / 1024;
    } else if (const double peak = value("VmHWM:"); peak > 0) {
      cost.peak_mib = peak / 1024;
    } else if (const double threads = value("Threads:"); threads > 0) {
      cost.threads = static_cast<int>(threads);
    }
  }
  return cost;
}

}  // namespace entente::attacks
