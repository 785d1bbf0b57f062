// What the broker last signed, kept outside the database.
#ifndef ENTENTE_BROKER_LEDGER_ANCHOR_FILE_H_
#define ENTENTE_BROKER_LEDGER_ANCHOR_FILE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "absl/types/span.h"
#include "crypto/sha.h"

namespace entente::broker {

// The last signed tree head of one ledger.
struct Anchor {
  std::string origin;
  uint64_t size = 0;
  crypto::Hash root = {};
};

// A small file to which each signed tree head is appended and synced before
// anything under it is released; the last line of an origin counts. It shows
// after a restart that the database is an old copy. A line for each append:
//   (<origin> SP <size> SP <root, base64> SP)+ <check, 16 hex digits> LF
// where check is the start of SHA-256 of the line up to it. A torn last line
// was never released and is dropped. Not thread-safe.
class AnchorFile {
 public:
  // A new, empty file (0600). AlreadyExists if there is one.
  static absl::StatusOr<std::unique_ptr<AnchorFile>> Create(
      const std::string& path);

  // Reads the file and rewrites it with one line per origin. NotFound if it is
  // missing; DataLoss if a line other than a torn last one is damaged, or if
  // an origin's size goes back.
  static absl::StatusOr<std::unique_ptr<AnchorFile>> Open(
      const std::string& path);

  // A new file (0600) with exactly these, by origin, in place of any that is
  // there: what it said is forgotten. For a broker that does not serve.
  static absl::StatusOr<std::unique_ptr<AnchorFile>> Write(
      const std::string& path, std::map<std::string, Anchor> anchors);

  ~AnchorFile();
  AnchorFile(const AnchorFile&) = delete;
  AnchorFile& operator=(const AnchorFile&) = delete;

  absl::optional<Anchor> Find(absl::string_view origin) const;
  // By origin.
  const std::map<std::string, Anchor>& all() const { return anchors_; }

  // Appends and syncs. Unavailable if that fails, marked if the disk is full:
  // what the file holds is then unknown, so that the next call replaces it by a
  // new one with all that was recorded and what is being recorded.
  // FailedPrecondition, and nothing is written, if a size would go back or a
  // root would change without its size.
  absl::Status Record(absl::Span<const Anchor> anchors);

 private:
  AnchorFile(std::string path, int fd, std::map<std::string, Anchor> anchors)
      : path_(std::move(path)), fd_(fd), anchors_(std::move(anchors)) {}

  absl::Status Append(absl::Span<const Anchor> anchors);
  // By a new file, which no earlier failure concerns.
  absl::Status Replace(std::map<std::string, Anchor> anchors);

  const std::string path_;
  int fd_;
  std::map<std::string, Anchor> anchors_;
  uint64_t lines_ = 0;  // in the file
  bool broken_ = false;
};

}  // namespace entente::broker

#endif  // ENTENTE_BROKER_LEDGER_ANCHOR_FILE_H_
