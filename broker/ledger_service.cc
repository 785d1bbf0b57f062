#include "broker/ledger_service.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "broker/readers.h"
#include "broker/rpc/refusal.h"
#include "policy/ledger_part.h"

namespace entente::broker {
namespace {

// Sessions kept; beyond that the ended ones are dropped.
constexpr size_t kMaxSessions = 10000;

std::string LedgerOf(absl::string_view part) {
  return std::string(part.substr(0, part.find('.')));
}

absl::Status NoLedger() { return Refuse(policy::Reason::kNoLedger, ""); }

}  // namespace

bool LedgerService::InSession(const Caller& caller, const std::string& ledger,
                              bool open) {
  const absl::Time now = context_.clock->Now();
  const std::string key = absl::StrCat(caller.fingerprint, " ", ledger);
  const absl::MutexLock lock(&mu_);
  if (open) {
    if (sessions_.size() >= kMaxSessions) {
      absl::erase_if(sessions_, [now](const auto& session) {
        return session.second <= now;
      });
    }
    sessions_[key] = now + kReadSession;
    return true;
  }
  const auto session = sessions_.find(key);
  return session != sessions_.end() && now < session->second;
}

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
    response->set_checkpoint(head->checkpoint);
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
  return context_.store->Read([&](Transaction& transaction) -> absl::Status {
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
  return absl::IsNotFound(filled) && ConditionsOf(filled).empty() ? NoLedger()
                                                                  : filled;
}

}  // namespace entente::broker
