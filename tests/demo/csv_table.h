// A small table read from a CSV file, for the demo's score and its agreement.
#ifndef ENTENTE_TESTS_DEMO_CSV_TABLE_H_
#define ENTENTE_TESTS_DEMO_CSV_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace entente::demo {

// Cells and headers are trimmed of ASCII white space. Quoted cells may hold
// commas, line ends and doubled quotes.
struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;

  // The position of a column, or -1.
  int Column(const std::string& name) const;
};

// NotFound if the file cannot be read, InvalidArgument if it has no header.
absl::StatusOr<CsvTable> ReadCsv(const std::string& path);

}  // namespace entente::demo

#endif  // ENTENTE_TESTS_DEMO_CSV_TABLE_H_
