#include "client/quorum.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/durable_file.h"
#include "client/error.h"
#include "client/mirror_files.h"
#include "crypto/cosignature.h"
#include "crypto/note.h"

namespace entente::client {
namespace {

// Whether `policy` knows the log of `key`.
absl::Status CheckLog(const crypto::TlogPolicy& policy,
                      const crypto::NoteKey& key) {
  bool is_named = false;
  for (const crypto::PolicyLog& log : policy.logs()) {
    if (log.key.name() != key.name()) continue;
    if (log.key.ToString() == key.ToString()) return absl::OkStatus();
    is_named = true;
  }
  if (is_named) {
    return VerificationError(
        "log.vkey is not the key that the policy has of this log",
        "somebody else may have signed this ledger");
  }
  return absl::NotFoundError(
      absl::StrCat("the policy names no log ", key.name()));
}

// The checkpoint in `path`, whose log's signature was verified.
absl::StatusOr<crypto::Note> ReadCheckpoint(const std::string& folder,
                                            const std::string& path) {
  const absl::StatusOr<std::string> text =
      ReadFile(absl::StrCat(folder, "/", path), crypto::kMaxNoteBytes);
  if (!text.ok()) return text.status();
  return crypto::ParseNote(*text);
}

}  // namespace

absl::StatusOr<crypto::TlogPolicy> PolicyOf(const policy::Agreement& document,
                                            const crypto::NoteKey& log) {
  if (!document.witnesses.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(document.id, " names no witness"));
  }
  std::string text = absl::StrCat("log ", log.ToString(), "\n");
  // No slug begins with a bracket.
  std::string group =
      absl::StrCat("group (quorum) ", document.witnesses->quorum);
  for (const auto& [name, witness] : document.witnesses->named) {
    absl::StrAppend(&text, "witness ", name, " ", witness.key, "\n");
    absl::StrAppend(&group, " ", name);
  }
  return crypto::TlogPolicy::Parse(
      absl::StrCat(text, group, "\nquorum (quorum)\n"));
}

absl::StatusOr<QuorumReport> CheckQuorum(const std::string& folder,
                                         const AuditReport& report,
                                         const crypto::TlogPolicy& policy) {
  const absl::StatusOr<MirrorHead> head = ReadMirrorHead(folder, std::nullopt);
  if (!head.ok()) return head.status();
  if (absl::Status known = CheckLog(policy, head->key); !known.ok()) {
    return known;
  }
  const auto kept = KeptCheckpointSizes(folder);
  if (!kept.ok()) return kept.status();
  std::vector<std::pair<uint64_t, std::string>> checkpoints = {
      {report.checkpoint.size, "checkpoint"}};
  for (const uint64_t size : *kept) {
    checkpoints.emplace_back(size, KeptCheckpointPath(size));
  }
  std::vector<std::optional<CosignedSize>> largest(policy.witnesses().size());
  for (const auto& [size, path] : checkpoints) {
    const absl::StatusOr<crypto::Note> note = ReadCheckpoint(folder, path);
    if (!note.ok()) return note.status();
    for (size_t i = 0; i < largest.size(); ++i) {
      const crypto::PolicyWitness& witness = policy.witnesses()[i];
      const auto cosigned =
          crypto::VerifyCosignatures(*note, {&witness.key, 1});
      if (!cosigned.ok()) {
        return VerificationError(absl::StrCat(path, ": the cosignature of ",
                                              witness.name, " is not valid"),
                                 std::string(cosigned.status().message()));
      }
      if (cosigned->empty()) continue;
      const CosignedSize found = {witness.name, size, cosigned->front().time};
      if (!largest[i].has_value() || largest[i]->size < size ||
          (largest[i]->size == size && largest[i]->time < found.time)) {
        largest[i] = found;
      }
    }
  }
  QuorumReport quorum;
  for (size_t i = 0; i < largest.size(); ++i) {
    if (largest[i].has_value()) {
      quorum.cosigned.push_back(*std::move(largest[i]));
    } else {
      quorum.missing.push_back(policy.witnesses()[i].name);
    }
  }
  for (const CosignedSize& candidate : quorum.cosigned) {
    std::set<std::string> names;
    for (const CosignedSize& one : quorum.cosigned) {
      if (one.size >= candidate.size) names.insert(one.witness);
    }
    if (policy.IsQuorum(names)) {
      quorum.size = std::max(quorum.size.value_or(0), candidate.size);
    }
  }
  return quorum;
}

}  // namespace entente::client
