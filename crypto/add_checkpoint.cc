#include "crypto/add_checkpoint.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace entente::crypto {
namespace {

absl::Status MalformedRequest(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("add-checkpoint: ", what));
}

// Takes one line, without its line feed, off `rest`.
bool TakeLine(absl::string_view* rest, absl::string_view* line) {
  const size_t end = rest->find('\n');
  if (end == absl::string_view::npos) return false;
  *line = rest->substr(0, end);
  rest->remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string FormatAddCheckpoint(const AddCheckpoint& request) {
  std::string body = absl::StrCat("old ", request.old_size, "\n");
  for (const Hash& hash : request.proof) {
    absl::StrAppend(&body, ToBase64(hash), "\n");
  }
  absl::StrAppend(&body, "\n", request.checkpoint);
  return body;
}

absl::StatusOr<AddCheckpoint> ParseAddCheckpoint(absl::string_view body) {
  if (body.size() > kMaxAddCheckpointBytes) return MalformedRequest("too long");
  AddCheckpoint request;
  absl::string_view line;
  if (!TakeLine(&body, &line) || !absl::ConsumePrefix(&line, "old ")) {
    return MalformedRequest("does not begin with `old` and a size");
  }
  // SimpleAtoi also takes signs, spaces and leading zeros.
  if (!absl::SimpleAtoi(line, &request.old_size) ||
      absl::StrCat(request.old_size) != line) {
    return MalformedRequest("the old size is not a plain decimal number");
  }
  while (true) {
    if (!TakeLine(&body, &line)) {
      return MalformedRequest("no empty line before the checkpoint");
    }
    if (line.empty()) break;
    if (request.proof.size() == kMaxWitnessHashes) {
      return MalformedRequest("more than 63 hashes");
    }
    const absl::StatusOr<Bytes> hash = FromBase64(line);
    if (!hash.ok() || hash->size() != Hash().size()) {
      return MalformedRequest("a hash is not 32 bytes in base64");
    }
    std::copy(hash->begin(), hash->end(), request.proof.emplace_back().begin());
  }
  if (absl::StatusOr<Note> note = ParseNote(body); !note.ok()) {
    return note.status();
  }
  request.checkpoint = std::string(body);
  return request;
}

}  // namespace entente::crypto
