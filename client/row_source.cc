#include "client/row_source.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace entente::client {

absl::StatusOr<std::unique_ptr<RowSource>> RowSource::Open(
    const std::string& name, std::istream* in) {
  std::unique_ptr<RowSource> source(new RowSource());
  if (name != "-") {
    errno = 0;
    source->file_.open(name, std::ios::binary);
    if (!source->file_) {
      return absl::ErrnoToStatus(errno == 0 ? EIO : errno,
                                 absl::StrCat("cannot read ", name));
    }
    std::error_code unknown;
    const auto bytes = std::filesystem::file_size(name, unknown);
    if (!unknown) source->file_bytes_ = bytes;
    in = &source->file_;
  }
  auto reader = ReadRows(name, in, /*trim=*/true);
  if (!reader.ok()) return reader.status();
  source->reader_ = *std::move(reader);
  return source;
}

absl::StatusOr<RowBlock> RowSource::Next() {
  RowBlock block;
  block.columns = columns();
  size_t bytes = 0;
  while (block.rows.size() + block.bad.size() < kBlockRows &&
         bytes < kBlockBytes) {
    Row row;
    const absl::StatusOr<bool> more = reader_->Next(&row, &block.bad);
    if (!more.ok()) return more.status();
    if (!*more) {
      block.last = true;
      break;
    }
    for (const std::string& cell : row.cells) bytes += cell.size();
    block.rows.push_back(std::move(row));
  }
  block.count = block.rows.size() + CountRows(block.bad);
  return block;
}

std::optional<double> RowSource::share_read() {
  if (file_bytes_ == 0) return std::nullopt;
  const std::streamoff at = file_.tellg();
  if (at < 0) return 1.0;  // tellg fails at the end
  return std::min(1.0, double(at) / double(file_bytes_));
}

uint64_t CountRows(const std::vector<BadRow>& bad) {
  std::set<uint64_t> numbers;
  for (const BadRow& row : bad) numbers.insert(row.number);
  return numbers.size();
}

}  // namespace entente::client
