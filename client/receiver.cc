#include "client/receiver.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "certs/key_bundle.h"
#include "client/earlier_manifest.h"
#include "client/error.h"
#include "client/key_sets.h"
#include "client/pepper_exchange.h"
#include "client/rpc/connection.h"
#include "client/rpc/receipts.h"
#include "client/verified_grant.h"
#include "crypto/batch_limits.h"
#include "crypto/chunk.h"
#include "crypto/dsse.h"
#include "crypto/faulty_delivery.h"
#include "crypto/hex.h"

namespace entente::client {
namespace {

using crypto::AsBytes;
using crypto::AsText;

// For all that waits, with its verification.
constexpr absl::Duration kStreamTimeout = absl::Minutes(30);

crypto::Hash HashOfBytes(absl::string_view bytes) {
  crypto::Hash hash = {};
  std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
  return hash;
}

ReceivedBatch RowOf(const VerifiedBatch& batch) {
  ReceivedBatch row;
  row.agreement = batch.header.agreement();
  row.sender = batch.header.sender();
  const auto id = AsBytes(batch.header.batch_id());
  std::copy(id.begin(), id.end(), row.batch_id.begin());
  row.digest = batch.digest;
  return row;
}

// Whether an error is about one batch and says nothing about the next.
bool ConcernsTheBatch(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsAlreadyExists(status);
}

crypto::Signature SignDelivered(const crypto::SigningKey& key,
                                const VerifiedBatch& batch,
                                const policy::Violations& violations) {
  if (violations.total == 0) {
    return crypto::SignDelivery(key, batch.head_hash, batch.digest,
                                batch.converted_hash);
  }
  return crypto::SignFaultyDelivery(key, batch.head_hash, batch.digest,
                                    batch.converted_hash,
                                    policy::PrintViolations(violations));
}

// Why a stream ended, other than by a refusal, is gRPC's to word.
absl::Status Broken(const grpc::Status& ended) {
  const bool is_told = !ended.error_details().empty();
  switch (ended.error_code()) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::INTERNAL:
    case grpc::StatusCode::UNKNOWN:
      if (is_told) break;
      return FromGrpc(
          grpc::Status(grpc::StatusCode::UNAVAILABLE, ended.error_message()));
    default:
      break;
  }
  return FromGrpc(ended);
}

absl::Status OutOfOrder() {
  return VerificationError("the broker's stream cannot be followed",
                           "its parts are out of order");
}

// What came in time and was handed over then is acknowledged also later.
absl::Status CheckLife(const v1::BatchHeader& header, absl::Time now) {
  const absl::Time end = absl::FromUnixMillis(header.not_after_unix_ms());
  if (now < end) return absl::OkStatus();
  return ToStatus(
      {.what = "the batch is past its last instant",
       .why = absl::StrCat("it was to be received before ",
                           absl::FormatTime(end, absl::UTCTimeZone()),
                           "; by this machine's clock it is ",
                           absl::FormatTime(now, absl::UTCTimeZone())),
       .next = absl::StrCat("if the clock is right, ask ", header.sender(),
                            " to send the records again"),
       .code = "BATCH_EXPIRED",
       .exit = ExitCode::kVerificationFailed});
}

// Adds a part; whether the batch is whole now.
absl::StatusOr<bool> AddPart(v1::ReceiveResponse part, bool* begun,
                             ArrivedBatch* batch) {
  if (part.has_withdrawn() && *begun) {
    *begun = false;
    *batch = ArrivedBatch();
    return false;
  }
  if (part.has_start()) {
    const uint32_t chunks = part.start().chunks();
    if (*begun || chunks == 0 || chunks > crypto::kMaxBatchChunks) {
      return OutOfOrder();
    }
    *begun = true;
    batch->start = std::move(*part.mutable_start());
    return false;
  }
  if (!part.has_chunk() || !*begun) return OutOfOrder();
  batch->chunks.push_back(std::move(*part.mutable_chunk()));
  return batch->chunks.size() == batch->start.chunks();
}

}  // namespace

Receiver::Receiver(const Profile& profile, std::unique_ptr<BrokerLink> link,
                   std::unique_ptr<LocalStore> store, Force force,
                   crypto::NoteKey ledger_key)
    : profile_(profile),
      link_(std::move(link)),
      store_(std::move(store)),
      force_(std::move(force)),
      id_(force_.agreement.id()),
      ledger_key_(std::move(ledger_key)),
      view_(&store_->knowledge(), id_, ledger_key_) {
  Know();
}

absl::StatusOr<std::unique_ptr<Receiver>> Receiver::Open(
    const Profile& profile, const std::string& agreement) {
  auto link = BrokerLink::Open(profile);
  if (!link.ok()) return link.status();
  return Open(profile, *std::move(link), agreement);
}

absl::StatusOr<std::unique_ptr<Receiver>> Receiver::Open(
    const Profile& profile, std::unique_ptr<BrokerLink> link,
    const std::string& agreement) {
  auto store = LocalStore::Open(profile);
  if (!store.ok()) return store.status();
  auto ledger_key = LedgerKey(profile, agreement);
  if (!ledger_key.ok()) return ledger_key.status();
  auto force = InForce(*link, profile, (*store)->knowledge(), agreement);
  if (!force.ok()) return force.status();
  auto receiver = std::unique_ptr<Receiver>(
      new Receiver(profile, std::move(link), *std::move(store),
                   *std::move(force), *std::move(ledger_key)));
  return receiver;
}

absl::StatusOr<Receiver::Force> Receiver::InForce(
    BrokerLink& link, const Profile& profile, KnowledgeTable& knowledge,
    const std::string& agreement) {
  auto verified =
      FetchVerified(link, profile, &knowledge, agreement, /*version=*/0);
  if (!verified.ok()) return verified.status();
  const auto manifest = crypto::HashFromHex(verified->manifest_digest);
  if (!manifest.ok()) return manifest.status();
  // Deliveries are signed with the keys in force, of old batches too.
  auto own =
      client::KeysOf(profile, verified->FindBundle(profile.settings().agency));
  if (!own.ok()) return own.status();
  return Force{*std::move(verified), *manifest, std::move(own->batch)};
}

void Receiver::Know() {
  registers_[force_.agreement.version] = force_.agreement.reg;
  keys_[force_.manifest] = {force_.agreement.manifest, force_.manifest,
                            force_.agreement.bundles};
}

absl::Status Receiver::Refresh() {
  auto force = InForce(*link_, profile_, store_->knowledge(), id_);
  if (!force.ok()) return force.status();
  force_ = *std::move(force);
  Know();
  return absl::OkStatus();
}

absl::StatusOr<ReceiveReport> Receiver::Run(BatchSink& sink,
                                            const Cancellation* stop) {
  ReceiveReport report;
  const ReceiveListener listener = {
      [&](const ReceivedSummary& batch) { report.batches.push_back(batch); },
      [&](const RefusedSummary& batch) { report.refused.push_back(batch); }};
  if (absl::Status done =
          Stream(/*follow=*/false, sink, listener, stop, &report.with_others);
      !done.ok()) {
    return done;
  }
  report.stopped = stop != nullptr && stop->cancelled();
  return report;
}

absl::Status Receiver::Follow(BatchSink& sink, const ReceiveListener& listener,
                              const Cancellation& stop) {
  return Stream(/*follow=*/true, sink, listener, &stop, nullptr);
}

absl::StatusOr<Receiver::WaitingBatches> Receiver::Waiting() {
  const auto response =
      Call(link_->directory(), &v1::Directory::Stub::GetStatus,
           v1::GetStatusRequest());
  if (!response.ok()) return response.status();
  for (const v1::AgreementSummary& summary : response->agreements()) {
    if (summary.agreement() == id_) {
      return WaitingBatches{
          summary.waiting_batches(),
          summary.held_batches(),
          {summary.held_because().begin(), summary.held_because().end()},
          summary.ended_grant_batches()};
    }
  }
  return WaitingBatches();
}

absl::Status Receiver::PassPepperOn(Output& out) {
  return client::PassPepperOn(
      {profile_, *link_, *store_, force_.agreement, view_, out});
}

absl::Status Receiver::Stream(bool follow, BatchSink& sink,
                              const ReceiveListener& listener,
                              const Cancellation* stop, uint64_t* with_others) {
  const absl::StatusOr<KeptCheckpoint> known = view_.Known();
  if (!known.ok()) return known.status();
  v1::ReceiveRequest request;
  request.set_agreement(id_);
  request.set_follow(follow);
  SetKnown(*known, request.mutable_known());
  grpc::ClientContext context;
  const LimitedCall limited(&context, kStreamTimeout);
  // Ends the waiting alone: what is done about a batch at hand goes on.
  std::unique_ptr<Cancellation::Watch> watch;
  if (stop != nullptr) {
    watch = std::make_unique<Cancellation::Watch>(
        *stop, [&context] { context.TryCancel(); });
  }
  const auto stopped = [stop] { return stop != nullptr && stop->cancelled(); };
  const auto stream = link_->exchange().Receive(&context, request);
  absl::Status failed;
  bool begun = false;
  bool is_over = false;
  ArrivedBatch batch;
  v1::ReceiveResponse part;
  while (failed.ok() && !is_over && !stopped() && stream->Read(&part)) {
    if (part.has_end()) {
      if (begun) failed = OutOfOrder();
      if (with_others != nullptr) *with_others = part.end().with_others();
      is_over = true;
      break;
    }
    const absl::StatusOr<bool> whole = AddPart(std::move(part), &begun, &batch);
    failed = whole.status();
    if (failed.ok() && *whole) {
      failed = Handle(batch, sink, listener);
      begun = false;
      batch = ArrivedBatch();
    }
    part.Clear();
  }
  // The broker keeps what came by the stream from others until it ends.
  if (!failed.ok() || is_over || stopped()) context.TryCancel();
  const grpc::Status ended = stream->Finish();
  if (!failed.ok()) return failed;
  if (is_over || stopped()) return absl::OkStatus();
  if (!ended.ok()) return Broken(ended);
  return begun ? OutOfOrder() : absl::OkStatus();
}

absl::Status Receiver::Handle(const ArrivedBatch& arrived, BatchSink& sink,
                              const ReceiveListener& listener) {
  const auto header = ReadBatchHeader(arrived.start.header());
  absl::StatusOr<Taken> taken = header.ok()
                                    ? Accept(arrived, *header, sink)
                                    : absl::StatusOr<Taken>(header.status());
  if (taken.ok()) {
    const auto entry = Acknowledge(*taken);
    if (!entry.ok()) return entry.status();
    taken->summary.entry = *entry;
    listener.received(taken->summary);
    return absl::OkStatus();
  }
  if (!ConcernsTheBatch(taken.status())) return taken.status();
  RefusedSummary refused;
  if (header.ok()) {
    refused.batch = crypto::ToHex(AsBytes(header->batch_id()));
    refused.sender = header->sender();
  }
  refused.why = taken.status();
  listener.refused(refused);
  return absl::OkStatus();
}

absl::StatusOr<Receiver::Taken> Receiver::Accept(const ArrivedBatch& arrived,
                                                 const v1::BatchHeader& header,
                                                 BatchSink& sink) {
  if (header.agreement() != id_) {
    return VerificationError("the broker delivered another agreement's batch",
                             header.agreement());
  }
  const auto known = RegisterOf(header.agreement_version());
  if (!known.ok()) return known.status();
  const auto keys =
      KeysOf(HashOfBytes(header.manifest_digest()), header.agreement_version());
  if (!keys.ok()) return keys.status();
  const auto view_end = ViewEnd(arrived, header);
  if (!view_end.ok()) return view_end.status();
  const auto grant = GrantOf(header, **known);
  if (!grant.ok()) return grant.status();
  const auto batch =
      VerifyBatch(arrived, header,
                  {profile_.settings().agency, *known, *keys, &ledger_key_,
                   &*view_end, grant->has_value() ? &**grant : nullptr});
  if (!batch.ok()) return batch.status();
  if (absl::Status linked = Link(batch->checkpoint); !linked.ok()) {
    return linked;
  }
  // Opened also if it came before: the delivery that is signed again says that
  // it was good.
  const auto secrets = SecretsOf(**keys);
  if (!secrets.ok()) return secrets.status();
  const auto opened =
      OpenBatch(arrived, *batch, **secrets, store_->pseudonyms());
  if (!opened.ok()) return opened.status();

  Taken taken;
  ReceivedSummary& summary = taken.summary;
  summary.batch = crypto::ToHex(AsBytes(header.batch_id()));
  summary.sender = header.sender();
  summary.flow = header.flow();
  summary.records = header.record_count();
  ReceivedBatch row = RowOf(*batch);
  const auto state = store_->exchange().PutReceived(row);
  if (!state.ok()) return state.status();
  summary.before = *state != ReceivedState::kArrived;
  summary.withheld = opened->withheld;
  summary.violations = opened->violations;
  const crypto::Signature delivery =
      SignDelivered(force_.batch_key, *batch, opened->violations);
  if (!summary.before) {
    if (absl::Status late = CheckLife(header, link_->Now()); !late.ok()) {
      return late;
    }
    auto file = sink.Take(summary.batch, summary.sender, *opened);
    if (!file.ok()) return file.status();
    summary.file = *std::move(file);
    summary.matched = opened->matched;
    if (absl::Status noted = store_->exchange().MarkHandedOver(row, delivery);
        !noted.ok()) {
      return noted;
    }
  }
  taken.row = std::move(row);
  taken.batch = *std::move(batch);
  taken.delivery = delivery;
  return taken;
}

absl::StatusOr<uint64_t> Receiver::Acknowledge(const Taken& taken) {
  const auto& [summary, row, batch, delivery] = taken;
  const absl::StatusOr<KeptCheckpoint> known = view_.Known();
  if (!known.ok()) return known.status();
  v1::AcknowledgeRequest request;
  request.set_agreement(row.agreement);
  request.set_sender(row.sender);
  request.set_batch_id(batch.header.batch_id());
  request.set_final_hash(batch.digest.data(), batch.digest.size());
  request.set_converted_hash(batch.converted_hash.data(),
                             batch.converted_hash.size());
  request.set_signature(delivery.data(), delivery.size());
  SetKnown(*known, request.mutable_known());
  const std::string violations = policy::PrintViolations(summary.violations);
  request.set_violations(violations);
  const absl::StatusOr<v1::AcknowledgeResponse> response =
      Call(link_->exchange(), &v1::Exchange::Stub::Acknowledge, request);
  if (!response.ok()) return response.status();
  const absl::StatusOr<VerifiedReceipt> receipt =
      AcceptReceipt(view_, *known, response->receipt(),
                    policy::EntryKind::kDelivery, batch.digest);
  if (!receipt.ok()) return receipt.status();
  const auto& detail = receipt->entry.detail;
  const auto kept = detail.find("violations");
  if ((kept == detail.end() ? "" : kept->second) != violations) {
    return VerificationError("the ledger has another delivery than was signed",
                             "its violations differ");
  }
  if (absl::Status noted =
          store_->exchange().MarkAcknowledged(row, response->receipt().proof());
      !noted.ok()) {
    return noted;
  }
  return receipt->index;
}

absl::StatusOr<std::optional<policy::Grant>> Receiver::GrantOf(
    const v1::BatchHeader& header, const policy::Register& known) {
  if (header.break_glass().empty()) return std::optional<policy::Grant>();
  const policy::AgreementRecord* record = known.Find(id_);
  if (record == nullptr ||
      record->versions.count(header.agreement_version()) == 0) {
    return absl::InternalError("a verified agreement is not in its register");
  }
  const auto& agreement =
      record->versions.at(header.agreement_version()).agreement;
  auto grant =
      FetchGrant(*link_, profile_, &store_->knowledge(), agreement->document(),
                 crypto::ToHex(agreement->digest()),
                 crypto::ToHex(AsBytes(header.break_glass())));
  if (!grant.ok()) return grant.status();
  return std::optional<policy::Grant>(std::move(grant->grant));
}

absl::StatusOr<std::shared_ptr<const policy::Register>> Receiver::RegisterOf(
    uint32_t version) {
  const auto it = registers_.find(version);
  if (it != registers_.end()) return it->second;
  // Nothing is pinned by it: keys are checked against the batch's manifest.
  const auto verified =
      FetchVerified(*link_, profile_, /*knowledge=*/nullptr, id_, version);
  if (!verified.ok()) {
    return Annotate(verified.status(),
                    absl::StrCat("version ", version, " of ", id_,
                                 ", which a batch names, cannot be verified"));
  }
  registers_[version] = verified->reg;
  return verified->reg;
}

absl::StatusOr<const BatchKeys*> Receiver::KeysOf(const crypto::Hash& manifest,
                                                  uint32_t version) {
  auto it = keys_.find(manifest);
  if (it != keys_.end()) return &it->second;
  if (absl::Status fresh = Refresh(); !fresh.ok()) return fresh;
  it = keys_.find(manifest);
  if (it != keys_.end()) return &it->second;
  auto earlier = FetchEarlierManifest(*link_, profile_, id_, version, manifest);
  if (!earlier.ok()) {
    if (absl::IsUnavailable(earlier.status())) return earlier.status();
    return VerificationError(
        "the batch names a key manifest that was never verified here, and "
        "cannot be now",
        std::string(earlier.status().message()));
  }
  return &(keys_[manifest] = {std::move(earlier->manifest), manifest,
                              std::move(earlier->bundles)});
}

absl::StatusOr<const RecipientSecrets*> Receiver::SecretsOf(
    const BatchKeys& keys) {
  const auto it = secrets_.find(keys.manifest_digest);
  if (it != secrets_.end()) return &it->second;
  const auto own = keys.bundles.find(profile_.settings().agency);
  auto secrets = RecipientSecrets::Load(
      profile_, own == keys.bundles.end() ? nullptr : &own->second);
  if (absl::IsNotFound(secrets.status())) {
    // About this batch alone: others may be sealed to keys that are there.
    return ToStatus({.what = "the batch is sealed to keys that are not here",
                     .why = std::string(secrets.status().message()),
                     .next = "restore the folder keys/ of the profile from a "
                             "backup; the batch stays at the broker",
                     .code = "KEYS_MISSING",
                     .exit = ExitCode::kVerificationFailed});
  }
  if (!secrets.ok()) return secrets.status();
  return &secrets_.emplace(keys.manifest_digest, *std::move(secrets))
              .first->second;
}

}  // namespace entente::client
