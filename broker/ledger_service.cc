#include "broker/ledger_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "broker/store/witness_table.h"
#include "crypto/tile.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

// Sessions kept; beyond that the ended ones are dropped.
constexpr size_t kMaxSessions = 10000;

std::string LedgerOf(absl::string_view part) {
  return std::string(part.substr(0, part.find('.')));
}

std::string KeyOf(const Caller& caller, absl::string_view ledger) {
  return absl::StrCat(caller.fingerprint, " ", ledger);
}

absl::Status NoLedger() { return Refuse(policy::Reason::kNoLedger, ""); }

// The checkpoint of `head` with the lines of those who cosigned just this one.
absl::StatusOr<std::string> WithCosignatures(Transaction& transaction,
                                             absl::string_view part,
                                             const SignedHead& head) {
  const auto rows = WitnessTable(transaction).Of(part);
  if (!rows.ok()) return rows.status();
  std::string note = head.checkpoint;
  for (const CosignatureRow& row : *rows) {
    if (row.size == head.size) absl::StrAppend(&note, row.line);
  }
  return note;
}

}  // namespace

bool LedgerService::InSession(const Caller& caller, const std::string& ledger,
                              bool open) {
  const absl::Time now = context_.clock->Now();
  const std::string key = KeyOf(caller, ledger);
  const absl::MutexLock lock(&mu_);
  const auto session = sessions_.find(key);
  const bool is_open = session != sessions_.end() && now < session->second.end;
  if (!open || is_open) return is_open;
  if (session != sessions_.end()) {
    ended_.push_back(std::move(session->second));
    sessions_.erase(session);
  }
  if (sessions_.size() >= kMaxSessions) {
    for (auto& [other, over] : sessions_) {
      if (over.end <= now) ended_.push_back(over);
    }
    absl::erase_if(sessions_, [now](const auto& other) {
      return other.second.end <= now;
    });
  }
  sessions_[key] = {now + kReadSession, caller, ledger, 0, {}, {}};
  return true;
}

void LedgerService::Given(const Caller& caller, const std::string& part,
                          uint64_t first, uint32_t count) {
  const std::string key = KeyOf(caller, LedgerOf(part));
  const absl::MutexLock lock(&mu_);
  const auto found = sessions_.find(key);
  if (found == sessions_.end()) return;
  ReadSession& session = found->second;
  session.given += count;
  uint32_t& width = session.bundles[{part, first / crypto::kTileWidth}];
  if (first % crypto::kTileWidth == 0) width = std::max(width, count);
  const uint64_t last = first + count - 1;
  const auto [range, is_new] =
      session.ranges.try_emplace(part, std::pair(first, last));
  if (is_new) return;
  range->second.first = std::min(range->second.first, first);
  range->second.second = std::max(range->second.second, last);
}

bool LedgerService::IsWhole(const ReadSession& session) const {
  uint64_t distinct = 0;
  for (const auto& [bundle, width] : session.bundles) distinct += width;
  bool whole = false;
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto size = context_.ledgers->Size(transaction, session.ledger);
        if (!size.ok()) return size.status();
        whole = distinct > 0 && distinct >= *size;
        return absl::OkStatus();
      });
  return read.ok() && whole;
}

void LedgerService::Close(bool all) {
  std::vector<ReadSession> over;
  {
    const absl::Time now = context_.clock->Now();
    const absl::MutexLock lock(&mu_);
    over.swap(ended_);
    for (auto& [key, session] : sessions_) {
      if (all || session.end <= now) over.push_back(session);
    }
    absl::erase_if(sessions_, [&](const auto& session) {
      return all || session.second.end <= now;
    });
  }
  for (const ReadSession& session : over) {
    if (session.given == 0) continue;
    policy::LedgerEntry entry = context_.recorder->Allowed(
        IsWhole(session) ? policy::EntryKind::kLedgerExported
                         : policy::EntryKind::kLedgerRead,
        session.caller);
    if (session.ledger != kBrokerLedger) entry.agreement = session.ledger;
    entry.records = session.given;
    entry.detail["entries"] = absl::StrJoin(
        session.ranges, " ", [](std::string* out, const auto& range) {
          absl::StrAppend(out, range.first, ":", range.second.first, "-",
                          range.second.second);
        });
    auto pending = Recorder::Pending(session.ledger, std::move(entry));
    const auto failed = [log = context_.log](const absl::Status& why) {
      log->Error("read_not_recorded", {{"reason", std::string(why.message())}});
    };
    if (!pending.ok()) {
      failed(pending.status());
      continue;
    }
    const absl::Status queued = context_.sequencer->Submit(
        [entry = *std::move(pending)](
            Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
          return std::vector<PendingEntry>{entry};
        },
        [failed](const absl::StatusOr<std::vector<Receipt>>& receipts) {
          if (!receipts.ok()) failed(receipts.status());
        });
    if (!queued.ok()) failed(queued);
  }
}

void LedgerService::Tick() { Close(/*all=*/false); }

void LedgerService::Flush() { Close(/*all=*/true); }

absl::Status LedgerService::Admit(const Caller& caller,
                                  const std::string& part) {
  const auto name = policy::ParsePartName(part);
  // What is no part's name is refused like the ledger of strangers.
  const std::string& ledger = name.ok() ? name->ledger : part;
  const bool own = ledger == kBrokerLedger;
  policy::LedgerEntry entry =
      context_.recorder->Allowed(policy::EntryKind::kLedgerRead, caller);
  if (!own) {
    entry.agreement = ledger;
    if (caller.identity.kind != certs::Identity::Kind::kAgency ||
        !MayRead(context_.agreements->Get()->Find(ledger), caller.agency())) {
      return context_.recorder->Refused(kBrokerLedger, std::move(entry),
                                        NoLedger());
    }
  }
  const bool recorded =
      caller.identity.kind == certs::Identity::Kind::kAgency &&
      caller.identity.role == certs::Role::kAuditor;
  if (!recorded || InSession(caller, ledger, /*open=*/false)) {
    return absl::OkStatus();
  }
  const auto written = context_.recorder->Run(
      [&](Transaction&) -> absl::StatusOr<std::vector<PendingEntry>> {
        auto pending = Recorder::Pending(ledger, entry);
        if (!pending.ok()) return pending.status();
        return std::vector<PendingEntry>{*std::move(pending)};
      });
  if (!written.ok()) return written.status();
  InSession(caller, ledger, /*open=*/true);
  return absl::OkStatus();
}

absl::Status LedgerService::GetCheckpoint(
    const Caller& caller, const v1::GetCheckpointRequest& request,
    v1::GetCheckpointResponse* response) {
  if (absl::Status admitted = Admit(caller, request.ledger()); !admitted.ok()) {
    return admitted;
  }
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
    const auto head = context_.ledgers->Head(transaction, request.ledger());
    if (absl::IsNotFound(head.status())) return NoLedger();
    if (!head.ok()) return head.status();
    const auto newest =
        context_.ledgers->Newest(transaction, LedgerOf(request.ledger()));
    if (!newest.ok()) return newest.status();
    const auto cosigned =
        WithCosignatures(transaction, request.ledger(), *head);
    if (!cosigned.ok()) return cosigned.status();
    response->set_checkpoint(*cosigned);
    const auto witnessed =
        WitnessTable(transaction).GetWitnessed(request.ledger());
    if (!witnessed.ok() && !absl::IsNotFound(witnessed.status())) {
      return witnessed.status();
    }
    if (witnessed.ok()) response->set_witnessed(witnessed->checkpoint);
    response->set_newest(newest->name);
    if (request.known().size() == 0) return absl::OkStatus();
    // The first entry of the next part tells the caller what became of it.
    if (request.known().size() > head->size &&
        newest->name != request.ledger()) {
      return absl::OkStatus();
    }
    const auto proof = context_.ledgers->Consistency(
        transaction, request.ledger(), request.known().size());
    if (absl::IsOutOfRange(proof.status())) {
      return Refuse(
          policy::Reason::kStaleView,
          absl::StrCat("the caller has seen ", request.known().size(),
                       " entries of the ledger and the broker has ", head->size,
                       ": one of the two was put back to an older "
                       "copy"));
    }
    if (!proof.ok()) return proof.status();
    for (const crypto::Hash& hash : *proof) {
      response->add_consistency(hash.data(), hash.size());
    }
    return absl::OkStatus();
  });
}

absl::Status LedgerService::ReadTile(const Caller& caller,
                                     const v1::ReadTileRequest& request,
                                     v1::ReadTileResponse* response) {
  if (absl::Status admitted = Admit(caller, request.ledger()); !admitted.ok()) {
    return admitted;
  }
  const bool in_range = request.level() <= 63 && request.width() >= 1 &&
                        request.width() <= 256 &&
                        (!request.entries() || request.level() == 0);
  if (!in_range) return Refuse(policy::Reason::kNoTile, "");
  const absl::Status read =
      context_.store->Read([&](Transaction& transaction) -> absl::Status {
        const auto content =
            request.entries()
                ? context_.ledgers->Bundle(transaction, request.ledger(),
                                           request.tile(), request.width())
                : context_.ledgers->Tile(transaction, request.ledger(),
                                         request.level(), request.tile(),
                                         request.width());
        if (absl::IsNotFound(content.status())) return NoLedger();
        if (absl::IsOutOfRange(content.status())) {
          return Refuse(policy::Reason::kNoTile, "");
        }
        if (!content.ok()) return content.status();
        response->set_content(content->data(), content->size());
        return absl::OkStatus();
      });
  if (read.ok() && request.entries()) {
    Given(caller, request.ledger(), request.tile() * crypto::kTileWidth,
          request.width());
  }
  return read;
}

absl::Status LedgerService::GetEntry(const Caller& caller,
                                     const v1::GetEntryRequest& request,
                                     v1::GetEntryResponse* response) {
  if (absl::Status admitted = Admit(caller, request.ledger()); !admitted.ok()) {
    return admitted;
  }
  const absl::Status filled = context_.receipts->FillAt(
      {request.ledger(), request.index()}, request.known().size(),
      response->mutable_receipt());
  if (filled.ok()) Given(caller, request.ledger(), request.index(), 1);
  return absl::IsNotFound(filled) && ConditionsOf(filled).empty() ? NoLedger()
                                                                  : filled;
}

}  // namespace entente::broker
