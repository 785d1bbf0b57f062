// What was measured, against what.
#ifndef ENTENTE_TESTS_BENCH_REPORT_H_
#define ENTENTE_TESTS_BENCH_REPORT_H_

#include <string>
#include <vector>

namespace entente::bench {

// One figure and its floor, measured in the same run: a machine and its load
// change both, and their ratio less.
struct Line {
  std::string id;       // stable, for programs: `decisions_10000`
  std::string what;     // for people
  double value = 0;     // in `unit`; more is better, unless the unit is MiB
  std::string unit;     // `per s`, `per s and core`, `MiB`
  double floor = 0;     // in the same unit
  std::string against;  // what the floor is

  double Ratio() const { return floor > 0 ? value / floor : 0; }
};

// A table, a line each.
std::string AsTable(const std::vector<Line>& lines);
// One object: {"schema":1,"cores":…,"lines":[…]}.
std::string AsJson(const std::vector<Line>& lines);

}  // namespace entente::bench

#endif  // ENTENTE_TESTS_BENCH_REPORT_H_
