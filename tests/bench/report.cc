#include "tests/bench/report.h"

#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/str_format.h"

namespace entente::bench {

std::string AsTable(const std::vector<Line>& lines) {
  std::string table =
      absl::StrFormat("%-52s %12s %-15s %12s %7s  %s\n", "what", "measured", "",
                      "floor", "ratio", "the floor is");
  for (const Line& line : lines) {
    absl::StrAppendFormat(&table, "%-52s %12.1f %-15s %12.1f %7.2f  %s\n",
                          line.what, line.value, line.unit, line.floor,
                          line.Ratio(), line.against);
  }
  return table;
}

std::string AsJson(const std::vector<Line>& lines) {
  nlohmann::json array = nlohmann::json::array();
  for (const Line& line : lines) {
    array.push_back({{"id", line.id},
                     {"what", line.what},
                     {"value", line.value},
                     {"unit", line.unit},
                     {"floor", line.floor},
                     {"against", line.against},
                     {"ratio", line.Ratio()}});
  }
  return nlohmann::json{{"schema", 1},
                        {"cores", std::thread::hardware_concurrency()},
                        {"lines", array}}
      .dump();
}

}  // namespace entente::bench
