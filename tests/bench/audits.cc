#include <sodium.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/audit_verify.h"
#include "client/entry_search.h"
#include "client/ledger_source.h"
#include "client/mirror.h"
#include "crypto/checkpoint.h"
#include "crypto/merkle_tree.h"
#include "crypto/tile.h"
#include "policy/ledger_entry.h"
#include "tests/bench/parts.h"

namespace entente::bench {
namespace {

constexpr size_t kPage = 100;
constexpr uint64_t kCases = 50;
constexpr int kSearches = 20;  // of which the slowest counts
constexpr char kOrigin[] = "broker.bench/ledgers/isa-bench";

using Steady = std::chrono::steady_clock;

double TookSince(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

std::string CaseOf(uint64_t number) {
  return absl::StrCat("OP/", number % kCases);
}

// Entry `number` of a ledger of batches, salted.
absl::StatusOr<std::string> LineOf(uint64_t number) {
  policy::LedgerEntry entry;
  entry.time = absl::FromUnixSeconds(1'790'000'000 + int64_t(number));
  entry.kind = policy::EntryKind::kBatch;
  entry.outcome = policy::Outcome::kAllow;
  entry.agreement = "isa-bench";
  entry.version = 1;
  entry.sender = "northmere-police";
  entry.recipient = "westvale-police";
  entry.flow = "crimes-for-analysis";
  entry.purpose = "tasking-analysis";
  entry.records = 1 + number % 256;
  entry.subject = crypto::ToHex(crypto::Sha256(absl::StrCat(number)));
  entry.accompanying["case_reference"] = CaseOf(number);
  randombytes_buf(entry.salt.data(), entry.salt.size());
  return policy::SerialiseEntry(entry);
}

// A ledger at its keeper, in memory.
class Keeper final : public client::LedgerSource {
 public:
  static absl::StatusOr<std::unique_ptr<Keeper>> Create(size_t entries) {
    auto key = crypto::SigningKey::Generate();
    if (!key.ok()) return key.status();
    std::unique_ptr<Keeper> keeper(new Keeper(*std::move(key)));
    for (size_t i = 0; i < entries; ++i) {
      auto line = LineOf(i);
      if (!line.ok()) return line.status();
      keeper->tree_.Append(crypto::AsBytes(*line));
      keeper->lines_.push_back(*std::move(line));
    }
    return keeper;
  }

  absl::StatusOr<crypto::NoteKey> Key() const {
    return crypto::NoteKey::Create(kOrigin, crypto::NoteKeyType::kEd25519,
                                   key_.public_key());
  }
  absl::StatusOr<Head> Latest(uint64_t /*known_size*/,
                              const crypto::Hash& /*known_root*/) override {
    const auto root = tree_.RootAt(tree_.size());
    if (!root.ok()) return root.status();
    auto signed_note =
        crypto::SignCheckpoint({kOrigin, tree_.size(), *root}, key_);
    if (!signed_note.ok()) return signed_note.status();
    Head head;
    head.checkpoint = *std::move(signed_note);
    return head;
  }
  absl::StatusOr<crypto::Bytes> Entries(uint64_t number,
                                        uint32_t width) override {
    std::vector<crypto::Bytes> entries;
    for (uint32_t i = 0; i < width; ++i) {
      const std::string& line = lines_[number * crypto::kTileWidth + i];
      entries.emplace_back(line.begin(), line.end());
    }
    return crypto::EncodeBundle(entries);
  }

 private:
  explicit Keeper(crypto::SigningKey key) : key_(std::move(key)) {}

  const crypto::SigningKey key_;
  crypto::MerkleLog tree_;
  std::vector<std::string> lines_;
};

absl::StatusOr<double> SecondsToSearch(const std::string& folder,
                                       const std::string& case_reference) {
  const auto begin = Steady::now();
  auto parts = client::OpenMirrorParts(folder);
  if (!parts.ok()) return parts.status();
  client::SearchPlan plan;
  plan.filter.facets.emplace_back("case", case_reference);
  plan.limit = kPage;
  const auto page = client::SearchParts(*parts, plan);
  if (!page.ok()) return page.status();
  const double seconds = TookSince(begin);
  if (page->found.empty()) return absl::InternalError("nothing was found");
  return seconds;
}

absl::StatusOr<double> SlowestSearch(const std::string& folder) {
  double slowest = 0;
  for (uint64_t i = 0; i < kSearches; ++i) {
    const auto seconds = SecondsToSearch(folder, CaseOf(i));
    if (!seconds.ok()) return seconds.status();
    slowest = std::max(slowest, *seconds);
  }
  return slowest;
}

}  // namespace

absl::Status MeasureAudits(const std::string& folder, size_t entries,
                           double seconds, std::vector<Line>* lines) {
  auto keeper = Keeper::Create(entries);
  if (!keeper.ok()) return keeper.status();
  const auto key = (*keeper)->Key();
  if (!key.ok()) return key.status();
  const std::string mirror = folder + "/mirror";
  const auto mirrored = client::MirrorLedger(**keeper, mirror, *key);
  if (!mirrored.ok()) return mirrored.status();
  keeper->reset();
  const auto begin = Steady::now();
  const auto verified = client::VerifyMirror(mirror, *key);
  const double took = TookSince(begin);
  if (!verified.ok()) return verified.status();
  if (verified->checkpoint.size != entries) {
    return absl::InternalError("not every entry was verified");
  }
  const double hashes = HashesPerSecond(seconds);
  lines->push_back(
      {"mirror_verified",
       absl::StrCat("entries of a mirror of ", entries, " verified"),
       double(entries) / took, "per s", hashes,
       "two SHA-256 of libsodium an entry, one core"});
  // The first search makes the index.
  if (const auto made = SecondsToSearch(mirror, CaseOf(0)); !made.ok()) {
    return made.status();
  }
  const auto slowest = SlowestSearch(mirror);
  if (!slowest.ok()) return slowest.status();
  lines->push_back({"mirror_searched",
                    "first pages of 100, slowest of 20 (asked: 0.2 s)",
                    1 / *slowest, "per s", hashes / kPage,
                    "two SHA-256 of libsodium for each entry shown"});
  return absl::OkStatus();
}

}  // namespace entente::bench
