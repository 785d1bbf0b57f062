#include "broker/pseudonyms_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "broker/agreement_state.h"
#include "broker/rpc/refusal.h"
#include "broker/store/quota_table.h"
#include "crypto/domain.h"
#include "crypto/hex.h"
#include "crypto/sha.h"
#include "crypto/voprf.h"
#include "policy/enrolment_quota.h"

namespace entente::broker {
namespace {

using crypto::AsBytes;
using crypto::AsText;
using policy::EntryKind;
using policy::Reason;

bool Has(const std::vector<std::string>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Whether `agency` enrols identifiers for `flow`: it sends them, or looks up
// what it receives.
bool Enrols(const policy::Flow& flow, absl::string_view agency) {
  return Has(flow.from, agency) ||
         (Has(flow.to, agency) &&
          flow.recipient_domain == policy::DomainRole::kMatching);
}

bool HasScheme(const policy::Agreement& agreement, const policy::Flow& flow,
               absl::string_view scheme) {
  const auto dataset = agreement.datasets.find(flow.dataset);
  if (dataset == agreement.datasets.end()) return false;
  const auto& identifiers = dataset->second.identifiers;
  return std::any_of(identifiers.begin(), identifiers.end(),
                     [&](const auto& one) { return one.second == scheme; });
}

absl::Status CheckScheme(const policy::Agreement& agreement,
                         absl::string_view agency, absl::string_view scheme) {
  bool sealed = false;
  for (const policy::Flow& flow : agreement.flows) {
    if (!HasScheme(agreement, flow, scheme)) continue;
    if (Enrols(flow, agency)) return absl::OkStatus();
    sealed = sealed || Has(flow.to, agency);
  }
  if (sealed) {
    return Refuse(Reason::kDomainSealed,
                  absl::StrCat(agency, " receives this scheme sealed"));
  }
  return Refuse(Reason::kSchemeNotInAgreement,
                absl::StrCat("no flow of ", agency, " has this scheme"));
}

absl::Status CheckForm(const v1::EnrolRequest& request) {
  if (request.request_id().size() != 16) {
    return Refuse(Reason::kBadRequest, "a request id has 16 bytes");
  }
  const size_t size = request.blinded().size();
  if (size == 0 || size % crypto::kPointBytes != 0 ||
      size > crypto::kMaxVoprfBatch * crypto::kPointBytes) {
    return Refuse(
        Reason::kBadElement,
        absl::StrCat("1 to ", crypto::kMaxVoprfBatch,
                     " elements of 32 bytes are due, not ", size, " bytes"));
  }
  return absl::OkStatus();
}

std::vector<uint8_t> ToVector(absl::Span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

crypto::Domain DomainOf(const v1::EnrolRequest& request,
                        absl::string_view agency) {
  return {request.agreement(), std::string(agency), crypto::Role::kMatching,
          request.epoch()};
}

}  // namespace

absl::StatusOr<PseudonymsService::Agreement> PseudonymsService::CheckState(
    const Caller& caller, absl::string_view agreement, int64_t version) const {
  if (context_.trust->IsRevoked(caller.fingerprint, caller.agency())) {
    return Refuse(Reason::kCertificateRevoked, "");
  }
  return InForce(*context_.agreements->Get(), agreement, version,
                 caller.agency(), context_.clock->Now());
}

absl::Status PseudonymsService::Enrol(const Caller& caller,
                                      const v1::EnrolRequest& request,
                                      v1::EnrolResponse* response) {
  const absl::Status done = DoEnrol(caller, request, response);
  if (done.ok() || ConditionsOf(done).empty() || absl::IsUnavailable(done)) {
    return done;
  }
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kEnrolment, caller);
  entry.agreement = request.agreement();
  entry.version = request.version();
  entry.records = request.blinded().size() / crypto::kPointBytes;
  entry.subject = crypto::ToHex(crypto::Sha256(AsBytes(request.blinded())));
  entry.detail["scheme"] = request.scheme();
  return context_.recorder->Refused(
      LedgerFor(*context_.agreements->Get(), request.agreement(),
                caller.agency()),
      std::move(entry), done);
}

absl::Status PseudonymsService::DoEnrol(const Caller& caller,
                                        const v1::EnrolRequest& request,
                                        v1::EnrolResponse* response) {
  if (request.version() == 0) {
    return Refuse(Reason::kVersionUnknown, "versions count from 1");
  }
  const auto agreement =
      CheckState(caller, request.agreement(), request.version());
  if (!agreement.ok()) return agreement.status();
  if (absl::Status s = CheckForm(request); !s.ok()) return s;
  absl::Status ok =
      CheckScheme((*agreement)->document(), caller.agency(), request.scheme());
  if (!ok.ok()) return ok;
  const auto domain = crypto::DomainBytes(DomainOf(request, caller.agency()));
  if (!domain.ok()) return domain.status();
  EnrolmentRow row;
  row.agency = caller.agency();
  row.domain = *domain;
  row.request_id = ToVector(AsBytes(request.request_id()));
  row.blinded_digest = ToVector(crypto::Sha256(AsBytes(request.blinded())));
  row.ledger = request.agreement();
  ok = context_.store->Read([&](Transaction& transaction) {
    const absl::Status known = CheckKnown(transaction, *context_.ledgers,
                                          request.agreement(), request.known());
    return known.ok() ? Answer(transaction, request, &row) : known;
  });
  if (!ok.ok()) return ok;
  absl::Status filled;
  if (row.entry.has_value()) {
    filled = context_.receipts->Fill(row.ledger, *row.entry, request.known(),
                                     response->mutable_receipt());
  } else {
    const auto receipts = context_.recorder->Run([&](Transaction& transaction) {
      return StoreEnrolment(transaction, caller, request, row);
    });
    if (!receipts.ok()) return receipts.status();
    filled = context_.receipts->Fill(receipts->front(), request.known(),
                                     response->mutable_receipt());
  }
  if (!filled.ok()) return filled;
  response->set_evaluated(std::string(AsText(row.evaluated)));
  response->set_proof(std::string(AsText(row.proof)));
  return absl::OkStatus();
}

absl::Status PseudonymsService::Answer(Transaction& transaction,
                                       const v1::EnrolRequest& request,
                                       EnrolmentRow* row) {
  auto stored =
      EnrolmentTable(transaction)
          .Find(row->agency, row->domain, row->request_id, row->blinded_digest);
  if (absl::IsAlreadyExists(stored.status())) {
    return Refuse(Reason::kReplayedDifferently,
                  "other elements were asked under this request id");
  }
  if (!stored.ok()) return stored.status();
  if (stored->has_value()) {
    *row = **std::move(stored);
    return row->entry.has_value()
               ? absl::OkStatus()
               : absl::InternalError("an enrolment has no entry");
  }
  const auto manifest =
      manifests_.Get(transaction, request.agreement(), request.version());
  if (!manifest.ok()) return manifest.status();
  const certs::KeyManifest& keys = (*manifest)->content;
  if (request.epoch() != keys.epoch) {
    return Refuse(Reason::kKeyUnknown,
                  absl::StrCat("epoch ", request.epoch(), " is not in force"));
  }
  const certs::DomainKey* domain =
      keys.FindDomain(row->agency, crypto::Role::kMatching);
  if (domain == nullptr) return Refuse(Reason::kDomainSealed, "");
  const auto blinded = crypto::ParsePoints(AsBytes(request.blinded()));
  if (!blinded.ok()) {
    return Refuse(Reason::kBadElement, blinded.status().message());
  }
  const auto key =
      context_.masters->DomainKey(transaction, DomainOf(request, row->agency));
  if (!key.ok()) return key.status();
  return Evaluate(*key, domain->key, *blinded, row);
}

absl::Status PseudonymsService::Evaluate(
    const crypto::SecretScalar& key, const crypto::Point& domain_key,
    absl::Span<const crypto::Point> blinded, EnrolmentRow* row) const {
  const auto evaluated = crypto::BlindEvaluate(key, blinded);
  if (!evaluated.ok()) return evaluated.status();
  const auto proof =
      crypto::ProveEvaluation(key, domain_key, blinded, *evaluated);
  if (!proof.ok()) return proof.status();
  row->evaluated = crypto::PackPoints(*evaluated);
  row->proof.assign(proof->begin(), proof->end());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PendingEntry>> PseudonymsService::StoreEnrolment(
    Transaction& transaction, const Caller& caller,
    const v1::EnrolRequest& request, const EnrolmentRow& answer) {
  const auto agreement =
      CheckState(caller, request.agreement(), request.version());
  if (!agreement.ok()) return agreement.status();
  absl::Status ok = CheckStored(transaction, *context_.agreements->Get(),
                                context_.clock->Now(), caller, **agreement, {});
  if (!ok.ok()) return ok;
  policy::LedgerEntry entry =
      context_.recorder->Allowed(EntryKind::kEnrolment, caller);
  const uint64_t count = answer.evaluated.size() / crypto::kPointBytes;
  const auto limit =
      policy::EnrolmentsPerDay((*agreement)->document(), caller.agency());
  if (limit.has_value()) {
    const auto taken =
        QuotaTable(transaction)
            .Take({request.agreement(), "", caller.agency(),
                   "enrolments_per_day"},
                  entry.time, count, static_cast<uint64_t>(*limit));
    if (absl::IsResourceExhausted(taken.status())) {
      return Refuse(Reason::kQuotaExceeded, taken.status().message());
    }
    if (!taken.ok()) return taken.status();
  }
  EnrolmentRow row = answer;
  row.created = entry.time;
  ok = EnrolmentTable(transaction).Insert(row);
  if (absl::IsAlreadyExists(ok)) {
    return Refuse(Reason::kReplayedDifferently,
                  "another call has just used this request id; repeat");
  }
  if (!ok.ok()) return ok;
  entry.operation = policy::Operation::kCollection;
  entry.agreement = request.agreement();
  entry.version = request.version();
  entry.digest = crypto::ToHex((*agreement)->digest());
  entry.records = count;
  entry.detail["scheme"] = request.scheme();
  entry.subject = crypto::ToHex(answer.blinded_digest);
  entry.detail["epoch"] = absl::StrCat(request.epoch());
  auto pending = Recorder::Pending(request.agreement(), std::move(entry));
  if (!pending.ok()) return pending.status();
  pending->appended = [row](Transaction& inside, uint64_t index) {
    return EnrolmentTable(inside).SetEntry(row, index);
  };
  return std::vector<PendingEntry>{*std::move(pending)};
}

}  // namespace entente::broker
