// Small parts, timed by Google Benchmark.
#ifndef ENTENTE_TESTS_BENCH_PARTS_H_
#define ENTENTE_TESTS_BENCH_PARTS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "policy/check.h"
#include "tests/bench/report.h"

namespace entente::bench {

// CPU seconds of one run of `body`, over at least `seconds`.
double CpuSecondsEach(const std::string& name, double seconds,
                      const std::function<void()>& body);

// What libsodium alone takes for one record, in CPU seconds: the group
// operations that the protocol asks of each side, and nothing else.
struct RecordFloor {
  double sender = 0;
  double broker = 0;
  double broker_proof = 0;  // on top
  double recipient = 0;
  double recipient_proof = 0;  // on top
  double enrol_agency = 0;
  double enrol_broker = 0;

  double Without() const { return sender + broker + recipient; }
  double With() const { return Without() + broker_proof + recipient_proof; }
  double Enrol() const { return enrol_agency + enrol_broker; }
};
RecordFloor MeasureFloor(double seconds);

// Decisions at 10, 1,000 and 10,000 agreements, asked at random, against the
// naive evaluator. `templates` is the folder with the agreements.
absl::Status MeasureDecisions(const std::string& templates, double seconds,
                              std::vector<Line>* lines);

// The template that decisions and registers are measured with.
absl::StatusOr<policy::CheckResult> ReadTemplate(const std::string& templates);

// 10,000 agreements loaded from a store as at a broker's start, their memory,
// and a suspension among them as the next decision sees it. `folder` is empty.
// Wall time.
absl::Status MeasureRegisters(const std::string& templates,
                              const std::string& folder,
                              std::vector<Line>* lines);

// 10,000 agreements compared with others, and looked over for overlaps. Wall
// time, once.
absl::Status MeasureOverviews(const std::string& templates,
                              std::vector<Line>* lines);

// As long as an entry of the exchange.
std::string LedgerLine();
// What an RFC 6962 tree takes of each entry at least: the hash of a leaf and
// that of a node, on one core.
double HashesPerSecond(double seconds);

// A mirror of `entries` verified, and searched by its index, against hashes
// alone. `folder` is empty. Wall time.
absl::Status MeasureAudits(const std::string& folder, size_t entries,
                           double seconds, std::vector<Line>* lines);

// Entries with receipts, 64 waiting, against rows of the same size in SQLite
// committed 64 at a time; then the checks of a start over them, and proofs of
// them, against their hashes alone. `folder` is empty.
absl::Status MeasureAppends(const std::string& folder, double seconds,
                            std::vector<Line>* lines);

}  // namespace entente::bench

#endif  // ENTENTE_TESTS_BENCH_PARTS_H_
