#include "tests/power_loss/client_work.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "crypto/hex.h"
#include "crypto/sha.h"

namespace entente::power_loss {
namespace {

using client::LocalStore;
using client::OutgoingBatch;
using client::OutgoingState;
using client::ReceivedBatch;
using client::ReceivedState;

constexpr char kPact[] = "pact";
const client::PseudonymScope kScope = {kPact, "opaque/1:person", 1};

absl::Status Lost(int round, absl::string_view what) {
  return absl::DataLossError(absl::StrCat(what, " of round ", round));
}

// A step that had been written before it was told.
absl::Status OrThere(absl::Status status) {
  return absl::IsAlreadyExists(status) ? absl::OkStatus() : status;
}

std::string Receipt(int round) { return absl::StrCat("receipt ", round); }
std::string Request(int round) { return absl::StrCat("request ", round); }
std::string Person(int round) { return absl::StrCat("person ", round); }
crypto::Bytes Delivery(int round) { return crypto::Bytes(64, round % 251); }

bool SameContent(const OutgoingBatch& a, const OutgoingBatch& b) {
  return a.header == b.header && a.enc == b.enc && a.digest == b.digest &&
         a.recipient == b.recipient &&
         std::equal(a.chunks.begin(), a.chunks.end(), b.chunks.begin(),
                    b.chunks.end(), [](const auto& x, const auto& y) {
                      return x.count == y.count && x.sealed == y.sealed &&
                             x.pseudonyms == y.pseudonyms &&
                             x.signature == y.signature;
                    });
}

}  // namespace

ClientWork::ClientWork(int rounds, int large_round)
    : rounds_(rounds),
      large_round_(large_round),
      table_key_(*crypto::Secret::Random(32)) {
  for (int i = 0; i < rounds; ++i) {
    peppers_.push_back(*crypto::Secret::Random(32));
    people_.push_back(*crypto::Point::Random());
  }
}

absl::StatusOr<std::unique_ptr<LocalStore>> ClientWork::Open(
    const std::string& folder) const {
  return LocalStore::Open(folder + "/store.db", table_key_);
}

OutgoingBatch ClientWork::Batch(int round) const {
  OutgoingBatch batch;
  batch.batch_id = {static_cast<uint8_t>(round), 1};
  batch.agreement = kPact;
  batch.recipient = "mercia";
  batch.header = crypto::Bytes(300, 1);
  batch.enc = crypto::Bytes(32, 2);
  batch.digest = crypto::Sha256(Receipt(round));
  const size_t size = round == large_round_ ? 3 << 20 : 3000;
  for (const uint8_t chunk : {3, 4}) {
    batch.chunks.push_back({2, crypto::Bytes(128, chunk),
                            crypto::Bytes(size, chunk),
                            crypto::Bytes(64, chunk)});
  }
  return batch;
}

ReceivedBatch ClientWork::Arrived(int round) const {
  ReceivedBatch batch;
  batch.agreement = kPact;
  batch.sender = "wessex";
  batch.batch_id = {static_cast<uint8_t>(round), 2};
  batch.digest = crypto::Sha256(Person(round));
  return batch;
}

absl::StatusOr<crypto::Bytes> ClientWork::RowKey(LocalStore& store,
                                                 int round) const {
  auto rows = store.BeginSending({kPact, "persons", "mercia", "series", {}});
  if (!rows.ok()) return rows.status();
  return (*rows)->NextKey(crypto::AsBytes(Person(round)));
}

void ClientWork::Release(int round, Step step, Told* told) {
  if (step == Step::kDropPending) told->pending.erase(round);
}

absl::Status ClientWork::Take(LocalStore& store, int round, Step step,
                              Told* told) const {
  const auto i = static_cast<size_t>(round);
  const auto generation = static_cast<uint32_t>(round);
  client::ExchangeTable& exchange = store.exchange();
  absl::Status done;
  switch (step) {
    case Step::kCheckpoint:
      done = store.knowledge().KeepCheckpoint(
          kPact, {i + 1, crypto::Sha256(Receipt(round)), Receipt(round)});
      if (done.ok()) told->checkpoint = i + 1;
      return done;
    case Step::kPepper:
      done = store.knowledge().KeepPepper(kPact, generation, peppers_[i]);
      if (done.ok()) told->peppers.insert(round);
      return done;
    case Step::kPutPending:
      done = OrThere(store.pseudonyms().PutPending(
          {Request(round), kPact, Delivery(round)}));
      if (done.ok()) told->pending.insert(round);
      return done;
    case Step::kAddPeople:
      done = store.pseudonyms().Add(
          kScope, {{Person(round), people_[i], Receipt(round)}});
      if (done.ok()) told->people.insert(round);
      return done;
    case Step::kDropPending:
      Release(round, step, told);
      done = store.pseudonyms().DropPending(Request(round));
      if (done.ok()) told->dropped.insert(round);
      return done;
    case Step::kPutOutgoing: {
      const absl::StatusOr<crypto::Bytes> key = RowKey(store, round);
      if (!key.ok()) return key.status();
      done = OrThere(exchange.PutOutgoing(Batch(round), {*key}));
      if (done.ok()) told->outgoing[round] = Batch(round);
      return done;
    }
    case Step::kStageFirst:
    case Step::kStageSecond: {
      const uint32_t staged = step == Step::kStageFirst ? 1 : 2;
      done = exchange.MarkStaged(Batch(round).batch_id, staged);
      if (done.ok()) told->outgoing[round].staged = staged;
      return done;
    }
    case Step::kAccepted:
      done = exchange.MarkAccepted(Batch(round).batch_id, Receipt(round));
      if (done.ok()) told->outgoing[round].state = OutgoingState::kAccepted;
      return done;
    case Step::kPutReceived:
      done = exchange.PutReceived(Arrived(round)).status();
      if (done.ok()) told->received[round] = ReceivedState::kArrived;
      return done;
    case Step::kHandedOver:
      done = exchange.MarkHandedOver(Arrived(round), Delivery(round));
      if (done.ok()) told->received[round] = ReceivedState::kHandedOver;
      return done;
    case Step::kAcknowledged:
      done = exchange.MarkAcknowledged(Arrived(round), Receipt(round));
      if (done.ok()) told->received[round] = ReceivedState::kAcknowledged;
      return done;
  }
  return absl::InternalError("no such step");
}

absl::Status ClientWork::CheckKept(LocalStore& store, const Told& told) const {
  const auto checkpoint = store.knowledge().Checkpoint(kPact);
  if (!checkpoint.ok()) return checkpoint.status();
  if (told.checkpoint > 0 &&
      (!checkpoint->has_value() || (*checkpoint)->size < told.checkpoint)) {
    return absl::DataLossError(
        absl::StrCat("checkpoint ", told.checkpoint, " went back"));
  }
  for (const int round : told.peppers) {
    const auto pepper =
        store.knowledge().Pepper(kPact, static_cast<uint32_t>(round));
    if (!pepper.ok()) return pepper.status();
    if (pepper->Expose() != peppers_[static_cast<size_t>(round)].Expose()) {
      return Lost(round, "the pepper");
    }
  }
  const auto waiting = store.pseudonyms().Pending(kPact);
  if (!waiting.ok()) return waiting.status();
  std::set<std::string> pending;
  for (const auto& each : *waiting) pending.insert(each.request_id);
  for (const int round : told.pending) {
    if (pending.count(Request(round)) == 0) return Lost(round, "an enrolment");
  }
  for (const int round : told.dropped) {
    if (pending.count(Request(round)) != 0) return Lost(round, "an answer");
  }
  for (const int round : told.people) {
    const auto found = store.pseudonyms().Find(kScope, Person(round));
    if (!found.ok()) return found.status();
    if (*found != people_[static_cast<size_t>(round)]) {
      return Lost(round, "a pseudonym");
    }
  }
  for (const auto& [round, batch] : told.outgoing) {
    if (absl::Status kept = CheckOutgoing(store, round, batch); !kept.ok()) {
      return kept;
    }
  }
  return CheckReceived(store, told);
}

absl::Status ClientWork::CheckOutgoing(LocalStore& store, int round,
                                       const OutgoingBatch& told) const {
  const auto found = store.exchange().Outgoing(told.batch_id);
  if (!found.ok()) return found.status();
  if (found->staged < told.staged) return Lost(round, "a staged chunk");
  if (found->state == OutgoingState::kAccepted) {
    if (found->receipt != Receipt(round)) return Lost(round, "the receipt");
  } else if (told.state == OutgoingState::kAccepted) {
    return Lost(round, "the acceptance");
  } else if (!SameContent(*found, told)) {
    // Other bytes under one batch id would repeat its nonces.
    return Lost(round, "the content");
  }
  auto rows = store.BeginSending({kPact, "persons", "mercia", "series", {}});
  if (!rows.ok()) return rows.status();
  const auto key = (*rows)->NextKey(crypto::AsBytes(Person(round)));
  if (!key.ok()) return key.status();
  const auto sent = (*rows)->WasSent(*key);
  if (!sent.ok()) return sent.status();
  return *sent ? absl::OkStatus() : Lost(round, "that its row was sent");
}

absl::Status ClientWork::CheckReceived(LocalStore& store,
                                       const Told& told) const {
  const auto all = store.exchange().Received(kPact);
  if (!all.ok()) return all.status();
  for (const auto& [round, state] : told.received) {
    const ReceivedBatch batch = Arrived(round);
    const auto found = std::find_if(
        all->begin(), all->end(),
        [&](const auto& each) { return each.batch_id == batch.batch_id; });
    if (found == all->end() || found->state < state) {
      return Lost(round, "a received batch");
    }
    if (found->state >= ReceivedState::kHandedOver &&
        found->delivery != Delivery(round)) {
      return Lost(round, "the delivery");
    }
    if (found->state == ReceivedState::kAcknowledged &&
        found->receipt != Receipt(round)) {
      return Lost(round, "the delivery's receipt");
    }
  }
  return absl::OkStatus();
}

}  // namespace entente::power_loss
