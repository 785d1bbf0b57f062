// A private file that is written bit by bit, and is whole or not there.
#ifndef ENTENTE_CLIENT_LINE_FILE_H_
#define ENTENTE_CLIENT_LINE_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace entente::client {

// What is appended goes to a file beside `path` (0600), which takes its place
// with Keep and is removed without it. Memory for one buffer. Not thread-safe.
class LineFile {
 public:
  // Nothing is created before the first Append.
  explicit LineFile(std::string path) : path_(std::move(path)) {}
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  const std::string& path() const { return path_; }
  bool empty() const { return fd_ < 0; }

  // As FileError (client/local_failure.h).
  absl::Status Append(absl::string_view text);

  // Syncs the file and puts it in its place; if nothing was appended, removes
  // what stands there. Once.
  absl::Status Keep();

 private:
  std::string Beside() const { return path_ + ".writing"; }
  absl::Status WriteBuffer();

  const std::string path_;
  std::string buffer_;
  int fd_ = -1;
};

}  // namespace entente::client

#endif  // ENTENTE_CLIENT_LINE_FILE_H_
