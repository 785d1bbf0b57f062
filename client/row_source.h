// Rows of a file or a stream, block by block.
#ifndef ENTENTE_CLIENT_ROW_SOURCE_H_
#define ENTENTE_CLIENT_ROW_SOURCE_H_

#include <cstdint>
#include <fstream>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/row_reader.h"

namespace entente::client {

// A block ends with the row that reaches either.
inline constexpr size_t kBlockRows = 8192;
inline constexpr size_t kBlockBytes = 16 << 20;

// Some consecutive rows. All reasons for one bad row stand in one block.
struct RowBlock {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::vector<BadRow> bad;
  uint64_t count = 0;  // rows, good and bad
  bool last = false;
};

// Memory for one block, however long the input is. Not thread-safe.
class RowSource {
 public:
  // Opens `name` (`-`: `in`, as CSV) and reads its heading; names and cells are
  // trimmed. As ReadRows; NotFound.
  static absl::StatusOr<std::unique_ptr<RowSource>> Open(
      const std::string& name, std::istream* in);

  const std::vector<std::string>& columns() const { return reader_->columns(); }

  // The next block; the last one is marked, and may be empty. As
  // RowReader::Next.
  absl::StatusOr<RowBlock> Next();

  // How much of a file was read, 0 to 1; nothing for other input.
  std::optional<double> share_read();

 private:
  RowSource() = default;

  std::ifstream file_;
  uint64_t file_bytes_ = 0;
  std::unique_ptr<RowReader> reader_;
};

// How many different rows `bad` is about.
uint64_t CountRows(const std::vector<BadRow>& bad);

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_ROW_SOURCE_H_
