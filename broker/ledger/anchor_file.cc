#include "broker/ledger/anchor_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "broker/durable_file.h"
#include "broker/store/sqlite.h"
#include "crypto/hex.h"

namespace entente::broker {
namespace {

// Above this many lines the file is rewritten with one per origin.
constexpr uint64_t kMaxLines = 100'000;
constexpr size_t kMaxFileBytes = size_t{64} << 20;

std::string Check(absl::string_view line) {
  const crypto::Hash hash = crypto::Sha256(line);
  return crypto::ToHex(absl::MakeConstSpan(hash).first(8));
}

std::string Line(absl::Span<const Anchor> anchors) {
  std::string line;
  for (const Anchor& anchor : anchors) {
    absl::StrAppend(&line, anchor.origin, " ", anchor.size, " ",
                    crypto::ToBase64(anchor.root), " ");
  }
  return absl::StrCat(line, Check(line), "\n");
}

// `line` without its line feed.
absl::optional<std::vector<Anchor>> ParseLine(absl::string_view line) {
  const size_t check = line.rfind(' ');
  if (check == absl::string_view::npos ||
      Check(line.substr(0, check + 1)) != line.substr(check + 1)) {
    return absl::nullopt;
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(line, ' ');
  if (parts.size() % 3 != 1) return absl::nullopt;
  std::vector<Anchor> anchors(parts.size() / 3);
  for (size_t i = 0; i < anchors.size(); ++i) {
    Anchor& anchor = anchors[i];
    anchor.origin = std::string(parts[3 * i]);
    const absl::StatusOr<crypto::Bytes> root =
        crypto::FromBase64(parts[3 * i + 2]);
    if (!absl::SimpleAtoi(parts[3 * i + 1], &anchor.size) || !root.ok() ||
        root->size() != anchor.root.size()) {
      return absl::nullopt;
    }
    std::copy(root->begin(), root->end(), anchor.root.begin());
  }
  return anchors;
}

// `code` is what errno told; 0 if that is in `doing`.
absl::Status Failed(int code, absl::string_view doing) {
  absl::Status failed = absl::UnavailableError(
      code == 0 ? std::string(doing)
                : absl::StrCat("cannot ", doing, ": ", std::strerror(code)));
  const bool is_full = code == ENOSPC || code == EDQUOT || code == EFBIG;
  return is_full ? MarkDiskFull(std::move(failed)) : failed;
}

absl::Status Contradicts(const std::map<std::string, Anchor>& known,
                         const Anchor& next) {
  const auto last = known.find(next.origin);
  if (last == known.end() || next.size > last->second.size) {
    return absl::OkStatus();
  }
  if (next.size == last->second.size && next.root == last->second.root) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("ledger ", next.origin, ": size ", next.size,
                   " contradicts the anchor of size ", last->second.size));
}

}  // namespace

absl::StatusOr<std::unique_ptr<AnchorFile>> AnchorFile::Write(
    const std::string& path, std::map<std::string, Anchor> anchors) {
  std::string content;
  for (const auto& [origin, anchor] : anchors) {
    absl::StrAppend(&content, Line({anchor}));
  }
  if (absl::Status written = WriteDurably(path, content); !written.ok()) {
    return written;
  }
  const int fd = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  const uint64_t lines = anchors.size();
  std::unique_ptr<AnchorFile> file(
      new AnchorFile(path, fd, std::move(anchors)));
  file->lines_ = lines;
  return file;
}

absl::StatusOr<std::unique_ptr<AnchorFile>> AnchorFile::Create(
    const std::string& path) {
  if (access(path.c_str(), F_OK) == 0) {
    return absl::AlreadyExistsError(absl::StrCat(path, " exists"));
  }
  return Write(path, {});
}

absl::StatusOr<std::unique_ptr<AnchorFile>> AnchorFile::Open(
    const std::string& path) {
  const absl::StatusOr<std::string> content = ReadFile(path, kMaxFileBytes);
  if (!content.ok()) return content.status();
  std::map<std::string, Anchor> anchors;
  std::vector<absl::string_view> lines = absl::StrSplit(*content, '\n');
  // What follows the last line feed is empty, or torn and never released.
  lines.pop_back();
  for (size_t i = 0; i < lines.size(); ++i) {
    const absl::optional<std::vector<Anchor>> parsed = ParseLine(lines[i]);
    // A torn write may also have kept the line feed and lost what precedes it.
    if (!parsed.has_value() && i + 1 == lines.size()) break;
    bool good = parsed.has_value();
    for (size_t k = 0; good && k < parsed->size(); ++k) {
      const Anchor& anchor = (*parsed)[k];
      good = Contradicts(anchors, anchor).ok();
      anchors[anchor.origin] = anchor;
    }
    if (!good) {
      return absl::DataLossError(absl::StrCat(
          path, ":", i + 1, ": damaged; restore the file from a backup"));
    }
  }
  return Write(path, std::move(anchors));
}

AnchorFile::~AnchorFile() { close(fd_); }

absl::optional<Anchor> AnchorFile::Find(absl::string_view origin) const {
  const auto found = anchors_.find(std::string(origin));
  if (found == anchors_.end()) return absl::nullopt;
  return found->second;
}

absl::Status AnchorFile::Record(absl::Span<const Anchor> anchors) {
  if (anchors.empty()) return absl::OkStatus();
  for (const Anchor& anchor : anchors) {
    if (absl::Status wrong = Contradicts(anchors_, anchor); !wrong.ok()) {
      return wrong;
    }
  }
  std::map<std::string, Anchor> all = anchors_;
  for (const Anchor& anchor : anchors) all[anchor.origin] = anchor;
  if (broken_ || lines_ >= kMaxLines) return Replace(std::move(all));
  if (absl::Status appended = Append(anchors); !appended.ok()) {
    broken_ = true;
    return appended;
  }
  anchors_ = std::move(all);
  return absl::OkStatus();
}

absl::Status AnchorFile::Replace(std::map<std::string, Anchor> anchors) {
  absl::StatusOr<std::unique_ptr<AnchorFile>> file =
      Write(path_, std::move(anchors));
  if (!file.ok()) {
    // The folder may show the old file or the new one.
    broken_ = true;
    return Failed(absl::IsResourceExhausted(file.status()) ? ENOSPC : 0,
                  file.status().message());
  }
  std::swap(fd_, (*file)->fd_);
  anchors_ = std::move((*file)->anchors_);
  lines_ = (*file)->lines_;
  broken_ = false;
  return absl::OkStatus();
}

absl::Status AnchorFile::Append(absl::Span<const Anchor> anchors) {
  const std::string line = Line(anchors);
  const ssize_t written = write(fd_, line.data(), line.size());
  const int code = written < 0 ? errno : 0;
  // The kernel writes less than was asked only where room ends.
  if (code != 0 || written != static_cast<ssize_t>(line.size())) {
    return Failed(code == 0 ? ENOSPC : code, absl::StrCat("write ", path_));
  }
  if (fdatasync(fd_) != 0) return Failed(errno, absl::StrCat("sync ", path_));
  ++lines_;
  return absl::OkStatus();
}

}  // namespace entente::broker
