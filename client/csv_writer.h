// Writing RFC 4180.
#ifndef ENTENTE_CLIENT_CSV_WRITER_H_
#define ENTENTE_CLIENT_CSV_WRITER_H_

#include <string>
#include <vector>

namespace entente::client {

// One record with CRLF. Quotes where needed, and sets an apostrophe before
// what a spreadsheet would take for a formula: `=`, `+`, `-`, `@`, a tab or a
// carriage return at the start, unless all of it is a plain number.
std::string CsvLine(const std::vector<std::string>& cells);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_CSV_WRITER_H_
