// Who was matched with whom, and whether that is right.
#ifndef ENTENTE_TESTS_DEMO_SCORE_H_
#define ENTENTE_TESTS_DEMO_SCORE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "tests/demo/csv_table.h"

namespace entente::demo {

struct Score {
  int64_t correct = 0;
  int64_t wrong = 0;
};

// Reads the sender's journal (which row went as which record), the recipient's
// records (which of its own rows each one matched, by row number) and the truth
// column of both files: its first run of digits says who is who. A record that
// matches several rows is correct if all of them are right.
absl::StatusOr<Score> ScoreMatches(const std::string& journal,
                                   const std::string& received_folder,
                                   const CsvTable& left, const CsvTable& right,
                                   const std::string& truth);

// The first run of digits, or empty.
std::string FirstDigits(const std::string& text);

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_SCORE_H_
