#include "crypto/checkpoint.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "crypto/merkle.h"

namespace entente::crypto {
namespace {

absl::Status MalformedCheckpoint(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("checkpoint: ", what));
}

}  // namespace

std::string CheckpointText(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                      ToBase64(checkpoint.root), "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpointText(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  if (lines.size() != 4 || !lines[3].empty()) {
    return MalformedCheckpoint("not three lines: origin, size, root");
  }
  Checkpoint checkpoint;
  checkpoint.origin = std::string(lines[0]);
  if (checkpoint.origin.empty()) return MalformedCheckpoint("no origin");
  // SimpleAtoi also takes signs, spaces and leading zeros.
  if (!absl::SimpleAtoi(lines[1], &checkpoint.size) ||
      absl::StrCat(checkpoint.size) != lines[1]) {
    return MalformedCheckpoint("the size is not a plain decimal number");
  }
  const absl::StatusOr<Bytes> root = FromBase64(lines[2]);
  if (!root.ok() || root->size() != checkpoint.root.size()) {
    return MalformedCheckpoint("the root is not 32 bytes in base64");
  }
  std::copy(root->begin(), root->end(), checkpoint.root.begin());
  if (checkpoint.size == 0 && checkpoint.root != EmptyRoot()) {
    return MalformedCheckpoint("the root of no entries is another");
  }
  return checkpoint;
}

absl::StatusOr<std::string> SignCheckpoint(const Checkpoint& checkpoint,
                                           const SigningKey& key) {
  return SignNote(CheckpointText(checkpoint), checkpoint.origin, key);
}

absl::StatusOr<Checkpoint> OpenCheckpoint(absl::string_view note,
                                          const NoteKey& log) {
  const absl::StatusOr<Note> parsed = ParseNote(note);
  if (!parsed.ok()) return parsed.status();
  if (absl::Status by_log = VerifyNote(*parsed, {&log, 1}); !by_log.ok()) {
    return by_log;
  }
  absl::StatusOr<Checkpoint> checkpoint = ParseCheckpointText(parsed->text);
  if (checkpoint.ok() && checkpoint->origin != log.name()) {
    return absl::DataLossError(
        absl::StrCat("checkpoint: of another log than ", log.name()));
  }
  return checkpoint;
}

}  // namespace entente::crypto
