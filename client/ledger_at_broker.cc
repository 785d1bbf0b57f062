#include "client/ledger_at_broker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/error.h"
#include "policy/ledger_part.h"

namespace entente::client {

namespace {

class TilesAtBroker final : public TileSource {
 public:
  explicit TilesAtBroker(EntrySource* source) : source_(*source) {}

  absl::StatusOr<crypto::Bytes> Tile(const crypto::TileId& tile) override {
    return source_.Tile(tile);
  }
  absl::StatusOr<crypto::Bytes> Bundle(crypto::BundleId* bundle) override {
    return source_.Entries(bundle->index, bundle->width);
  }

 private:
  EntrySource& source_;
};

std::string CodeOf(const absl::Status& status) {
  return status.ok() ? std::string() : FromStatus(status).code;
}

}  // namespace

std::string LedgerIdOf(absl::string_view agreement) {
  return agreement.empty() ? "broker" : std::string(agreement);
}

LedgerAtBroker::LedgerAtBroker(std::string ledger, std::optional<uint32_t> part,
                               crypto::NoteKey key,
                               std::unique_ptr<BrokerLink> link,
                               std::unique_ptr<LocalStore> store)
    : ledger_(std::move(ledger)),
      part_(part),
      key_(std::move(key)),
      link_(std::move(link)),
      store_(std::move(store)),
      parts_(&link_->ledger()) {}

absl::StatusOr<std::unique_ptr<LedgerAtBroker>> LedgerAtBroker::Open(
    const Profile& profile, const std::string& ledger) {
  const auto name = policy::ParsePartName(ledger);
  if (!name.ok()) {
    return UsageError(std::string(name.status().message()),
                      "an agreement's id, or a part of its ledger: ID.1");
  }
  absl::StatusOr<crypto::NoteKey> key = LedgerKey(profile, name->ledger);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::unique_ptr<BrokerLink>> link = BrokerLink::Open(profile);
  if (!link.ok()) return link.status();
  std::unique_ptr<LocalStore> store;
  if (profile.settings().role == ProfileRole::kSystem) {
    absl::StatusOr<std::unique_ptr<LocalStore>> opened =
        LocalStore::Open(profile);
    if (!opened.ok()) return opened.status();
    store = *std::move(opened);
  }
  std::optional<uint32_t> part;
  if (name->part > 0) part = name->part;
  return std::unique_ptr<LedgerAtBroker>(new LedgerAtBroker(
      name->ledger, part, *std::move(key), *std::move(link), std::move(store)));
}

absl::StatusOr<std::string> LedgerAtBroker::ClaimedNewest() {
  uint32_t known = 0;
  if (store_ != nullptr) {
    const auto kept = LedgerView(&store_->knowledge(), ledger_, key_).Known();
    if (!kept.ok()) return kept.status();
    known = kept->part;
  }
  const std::string part = policy::PartName(ledger_, known);
  absl::StatusOr<LedgerSource::Head> head = parts_.Part(part).Latest(0, {});
  if (known > 0 && CodeOf(head.status()) == "NO_LEDGER") {
    return VerificationError(
        absl::StrCat("the ledger ", ledger_, " was cut back"),
        absl::StrCat("this profile has verified ", part,
                     " and the broker does not have it"));
  }
  if (!head.ok()) return head.status();
  const auto newest = policy::ParsePartName(head->newest);
  if (!newest.ok() || newest->ledger != ledger_) {
    return VerificationError(
        absl::StrCat("the broker does not say which part of ", ledger_,
                     " is the newest"),
        head->newest);
  }
  return std::move(head->newest);
}

absl::StatusOr<uint32_t> LedgerAtBroker::Newest() {
  const absl::StatusOr<std::string> newest = ClaimedNewest();
  if (!newest.ok()) return newest.status();
  if (store_ != nullptr) {
    LedgerView view(&store_->knowledge(), ledger_, key_);
    const absl::Status followed = CatchUp(view, parts_, *newest);
    if (!followed.ok()) return followed;
  }
  return policy::ParsePartName(*newest)->part;
}

absl::StatusOr<EntryReader> LedgerAtBroker::Read(std::optional<uint32_t> part) {
  if (!part.has_value()) part = part_;
  if (!part.has_value()) {
    const auto newest = Newest();
    if (!newest.ok()) return newest.status();
    part = *newest;
  }
  const auto key = PartKey(key_, *part);
  if (!key.ok()) return key.status();
  KeptCheckpoint known;
  known.part = *part;
  if (store_ != nullptr) {
    const auto kept =
        LedgerView(&store_->knowledge(), ledger_, key_).KnownOf(*part);
    if (!kept.ok()) return kept.status();
    known = *kept;
  }
  return EntryReader(&parts_.Part(policy::PartName(ledger_, *part)), *key,
                     std::move(known));
}

absl::StatusOr<std::vector<ReadablePart>> LedgerAtBroker::OpenParts() {
  const absl::StatusOr<uint32_t> newest = Newest();
  if (!newest.ok()) return newest.status();
  std::vector<ReadablePart> parts;
  for (uint32_t part = part_.value_or(0); part <= part_.value_or(*newest);
       ++part) {
    absl::StatusOr<EntryReader> reader = Read(part);
    if (!reader.ok()) return reader.status();
    const absl::StatusOr<uint64_t> size = reader->Size();
    if (!size.ok()) return size.status();
    if (absl::Status kept = Remember(*reader); !kept.ok()) return kept;
    const KeptCheckpoint& seen = reader->seen();
    parts.push_back(
        {part, "",
         std::make_unique<ProvedLog>(
             std::make_unique<TilesAtBroker>(
                 &parts_.Part(policy::PartName(ledger_, part))),
             crypto::Checkpoint{reader->key().name(), seen.size, seen.root},
             seen.note)});
  }
  return parts;
}

absl::Status LedgerAtBroker::Remember(const EntryReader& reader) {
  if (store_ == nullptr || reader.seen().note.empty()) return absl::OkStatus();
  // A part of which nothing was known may be one that nothing leads to.
  const auto kept =
      store_->knowledge().CheckpointOf(ledger_, reader.seen().part);
  if (!kept.ok()) return kept.status();
  if (reader.seen().part > 0 && !kept->has_value()) return absl::OkStatus();
  const absl::Status done =
      store_->knowledge().KeepCheckpoint(ledger_, reader.seen());
  if (!absl::IsDataLoss(done)) return done;
  return VerificationError(
      absl::StrCat("the ledger ", ledger_, " shows two histories"),
      std::string(done.message()));
}

}  // namespace entente::client
