#include "crypto/tlog_proof.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace entente::crypto {
namespace {

constexpr absl::string_view kHeader = "c2sp.org/tlog-proof@v1";

absl::Status MalformedProof(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("tlog-proof: ", what));
}

// Takes the next line, without its line feed, off `text`.
absl::StatusOr<absl::string_view> TakeLine(absl::string_view* text) {
  const size_t end = text->find('\n');
  if (end == absl::string_view::npos) return MalformedProof("ends too early");
  const absl::string_view line = text->substr(0, end);
  text->remove_prefix(end + 1);
  return line;
}

absl::StatusOr<Hash> ParseHash(absl::string_view line) {
  const absl::StatusOr<Bytes> bytes = FromBase64(line);
  Hash hash;
  if (!bytes.ok() || bytes->size() != hash.size()) {
    return MalformedProof("a hash is not 32 bytes in base64");
  }
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

// Fills in the lines before the checkpoint, and takes them off `text`.
absl::Status TakeHead(absl::string_view* text, TlogProof* proof) {
  absl::StatusOr<absl::string_view> line = TakeLine(text);
  if (!line.ok()) return line.status();
  if (*line != kHeader) return MalformedProof("another format or version");
  line = TakeLine(text);
  if (line.ok() && absl::ConsumePrefix(&*line, "extra ")) {
    absl::StatusOr<Bytes> extra = FromBase64(*line);
    if (!extra.ok() || extra->empty()) {
      return MalformedProof("extra is not strict base64 of something");
    }
    proof->extra = *std::move(extra);
    line = TakeLine(text);
  }
  if (!line.ok()) return line.status();
  if (!absl::ConsumePrefix(&*line, "index ") ||
      !absl::SimpleAtoi(*line, &proof->index) ||
      absl::StrCat(proof->index) != *line) {
    return MalformedProof("the index is not a plain decimal number");
  }
  for (line = TakeLine(text); line.ok() && !line->empty();
       line = TakeLine(text)) {
    if (proof->hashes.size() == kMaxInclusionHashes) {
      return MalformedProof("too many hashes");
    }
    const absl::StatusOr<Hash> hash = ParseHash(*line);
    if (!hash.ok()) return hash.status();
    proof->hashes.push_back(*hash);
  }
  return line.status();
}

}  // namespace

std::string FormatTlogProof(const TlogProof& proof) {
  std::string text = absl::StrCat(kHeader, "\n");
  if (!proof.extra.empty()) {
    absl::StrAppend(&text, "extra ", ToBase64(proof.extra), "\n");
  }
  absl::StrAppend(&text, "index ", proof.index, "\n");
  for (const Hash& hash : proof.hashes) {
    absl::StrAppend(&text, ToBase64(hash), "\n");
  }
  absl::StrAppend(&text, "\n", proof.checkpoint);
  return text;
}

absl::StatusOr<TlogProof> ParseTlogProof(absl::string_view text) {
  if (text.size() > kMaxTlogProofBytes) return MalformedProof("too long");
  TlogProof proof;
  if (absl::Status head = TakeHead(&text, &proof); !head.ok()) return head;
  const absl::StatusOr<Note> note = ParseNote(text);
  if (!note.ok()) return note.status();
  proof.checkpoint = std::string(text);
  return proof;
}

absl::StatusOr<Checkpoint> VerifyTlogProof(const TlogProof& proof,
                                           absl::Span<const uint8_t> entry,
                                           const NoteKey& log) {
  absl::StatusOr<Checkpoint> checkpoint = OpenCheckpoint(proof.checkpoint, log);
  if (!checkpoint.ok()) return checkpoint;
  const absl::Status included =
      VerifyInclusion(LeafHash(entry), proof.index, checkpoint->size,
                      proof.hashes, checkpoint->root);
  if (!included.ok()) return included;
  return checkpoint;
}

}  // namespace entente::crypto
