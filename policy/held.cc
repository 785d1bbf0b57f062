#include "policy/held.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/overarching.h"
#include "policy/review.h"

namespace entente::policy {
namespace {

using FlowRow = DecisionTable::FlowRow;

Failure Because(Reason reason, absl::string_view clause, std::string detail) {
  return {reason, "", std::string(clause), std::move(detail)};
}

const FlowRow* FindRoute(const CompiledAgreement& agreement,
                         const Request& batch) {
  return agreement.table().view().FindRoute(batch.sender, batch.recipient,
                                            batch.purpose, batch.dataset);
}

std::vector<std::string> NamesOf(const Request& batch) {
  std::vector<std::string> names = batch.fields;
  for (const PseudonymName& field : batch.pseudonyms) {
    names.push_back(field.name);
  }
  return names;
}

// What `agreement` says against a batch that `accepted` let pass, or nothing.
std::string LacksFor(const CompiledAgreement& agreement,
                     const CompiledAgreement& accepted, const Request& batch) {
  const Agreement& document = agreement.document();
  const std::string name = absl::StrCat(document.id, "/", document.version);
  const FlowRow* const before = FindRoute(accepted, batch);
  const FlowRow* const flow = FindRoute(agreement, batch);
  if (before == nullptr || flow == nullptr) {
    return absl::StrCat(name, " has no flow of ", batch.dataset, " from ",
                        batch.sender, " to ", batch.recipient, " for ",
                        batch.purpose);
  }
  if ((flow->methods & DecisionTable::BitOf(batch.method)) == 0) {
    return absl::StrCat(name, " does not allow ", WordOf(batch.method));
  }
  std::vector<std::string> lacking;
  for (const std::string& field : NamesOf(batch)) {
    const auto* as_sent = DecisionTable::FindField(*before, field);
    const auto* as_now = DecisionTable::FindField(*flow, field);
    const bool released = as_sent != nullptr && as_now != nullptr &&
                          (*as_now->treatment == *as_sent->treatment ||
                           as_now->transform() == Transform::kAsIs);
    if (!released) lacking.push_back(field);
  }
  return lacking.empty() ? ""
                         : absl::StrCat(name, " does not release so: ",
                                        absl::StrJoin(lacking, ", "));
}

// Whether `governing` would not give the recipient the pseudonyms of its own
// people any more.
bool SealsNow(const CompiledAgreement& governing,
              const CompiledAgreement& accepted, const Request& batch) {
  const auto domain = [&](const CompiledAgreement& agreement) {
    return FindRoute(agreement, batch)->flow->recipient_domain;
  };
  return domain(governing) == DomainRole::kSealed &&
         domain(accepted) == DomainRole::kMatching;
}

std::optional<Failure> JudgeState(const AgreementRecord& record, absl::Time now,
                                  const CompiledAgreement& governing,
                                  const Request& batch) {
  const int64_t version = governing.document().version;
  if (record.terminated) return Because(Reason::kTerminated, "signatories", "");
  if (record.IsSuspended(version)) {
    return Because(Reason::kSuspended, "governance.suspend",
                   absl::StrJoin(record.SuspendedBy(version), ", "));
  }
  if (record.WaitsForWitnesses(version)) {
    return Because(Reason::kWitnessesMissing, "witness", "");
  }
  if (now >= governing.until()) {
    return Because(Reason::kExpired, "valid.until", "");
  }
  for (const Review& review : OverdueReviews(governing.document(), now)) {
    return Because(Reason::kReviewOverdue, review.clause, review.what);
  }
  if (record.sending_suspended_by.count(batch.sender) != 0) {
    return Because(Reason::kSuspendedBySender, "governance.suspend",
                   batch.sender);
  }
  for (const std::string& agency : {batch.sender, batch.recipient}) {
    if (record.HasWithdrawn(agency, batch.version) ||
        record.HasWithdrawn(agency, version)) {
      return Because(Reason::kWithdrawn, "parties", agency);
    }
  }
  return std::nullopt;
}

// The versions by which a batch was accepted and is judged now.
struct Versions {
  const CompiledAgreement* accepted = nullptr;
  const CompiledAgreement* governing = nullptr;
  Overarching above;
};

// Why the states alone hold a batch, or else `versions`.
std::optional<Failure> JudgeStates(const Register& known, absl::Time now,
                                   const Request& batch, Versions* versions) {
  const AgreementRecord* record = known.Find(batch.agreement);
  if (record == nullptr) return Because(Reason::kNoAgreement, "", "");
  const auto found = record->versions.find(batch.version);
  if (found == record->versions.end()) {
    return Because(Reason::kVersionUnknown, "version",
                   record->VersionInForce(now));
  }
  versions->accepted = found->second.agreement.get();
  versions->governing = now < record->SupersededFrom(batch.version, now)
                            ? versions->accepted
                            : record->CurrentAt(now)->agreement.get();
  auto held = JudgeState(*record, now, *versions->governing, batch);
  if (held.has_value()) return held;
  versions->above =
      OverarchingOf(known, now, versions->governing->document(),
                    {batch.recipient, batch.sender, batch.recipient});
  if (versions->above.fault.empty()) return std::nullopt;
  return Because(Reason::kParentNotInForce, "under", versions->above.fault);
}

}  // namespace

std::optional<Failure> WhyStateHolds(const Register& known, absl::Time now,
                                     const Request& batch) {
  Versions versions;
  return JudgeStates(known, now, batch, &versions);
}

std::optional<Failure> WhyHeld(const Register& known, absl::Time now,
                               const Request& batch) {
  Versions versions;
  auto held = JudgeStates(known, now, batch, &versions);
  if (held.has_value()) return held;
  const CompiledAgreement& accepted = *versions.accepted;
  const CompiledAgreement& governing = *versions.governing;
  if (&governing != &accepted) {
    std::string lacks = LacksFor(governing, accepted, batch);
    if (lacks.empty() && SealsNow(governing, accepted, batch)) {
      lacks = absl::StrCat("version ", governing.document().version,
                           " seals the recipient's domain");
    }
    if (!lacks.empty()) {
      return Because(Reason::kVersionSuperseded, "version", lacks);
    }
  }
  for (const auto& parent : versions.above.in_force) {
    std::string lacks = LacksFor(*parent, accepted, batch);
    if (!lacks.empty()) {
      return Because(Reason::kParentNotInForce, "under", lacks);
    }
  }
  return std::nullopt;
}

}  // namespace entente::policy
