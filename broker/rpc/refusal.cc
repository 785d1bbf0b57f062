#include "broker/rpc/refusal.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "broker/ledger/ledger_log.h"
#include "entente/v1/access.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace entente::broker {
namespace {

constexpr char kPayload[] = "type.googleapis.com/entente.v1.Refusal";
constexpr char kInternalMessage[] =
    "the broker failed; nothing was released, and its log says why";

bool Unpack(const absl::Status& status, v1::Refusal* refusal) {
  const auto payload = status.GetPayload(kPayload);
  return payload.has_value() &&
         refusal->ParseFromString(std::string(*payload)) &&
         refusal->conditions_size() > 0;
}

}  // namespace

absl::Status Refuse(absl::StatusCode code, std::vector<Condition> conditions) {
  v1::Refusal refusal;
  for (Condition& condition : conditions) {
    v1::RefusedCondition* packed = refusal.add_conditions();
    packed->set_reason(std::move(condition.reason));
    packed->set_clause(std::move(condition.clause));
    packed->set_detail(std::move(condition.detail));
    packed->set_remedy(std::move(condition.remedy));
  }
  absl::Status status(code, refusal.conditions(0).detail());
  status.SetPayload(kPayload, absl::Cord(refusal.SerializeAsString()));
  return status;
}

absl::Status Refuse(policy::Reason reason, absl::string_view detail,
                    absl::string_view clause) {
  const policy::ReasonInfo& info = policy::InfoOf(reason);
  std::string remedy(info.remedy);
  if (!info.who.empty()) absl::StrAppend(&remedy, "; ask ", info.who);
  return Refuse(info.status, {{std::string(info.code), std::string(clause),
                               detail.empty() ? std::string(info.meaning)
                                              : std::string(detail),
                               std::move(remedy)}});
}

absl::Status Refuse(const policy::Decision& denied) {
  std::vector<Condition> conditions;
  for (const policy::Failure& failure : denied.failures) {
    const absl::string_view meaning = policy::InfoOf(failure.reason).meaning;
    conditions.push_back({failure.Code(), failure.clause,
                          failure.detail.empty()
                              ? std::string(meaning)
                              : absl::StrCat(meaning, ": ", failure.detail),
                          failure.Remedy()});
  }
  if (conditions.empty()) return Refuse(policy::Reason::kInternal, "");
  return Refuse(policy::InfoOf(denied.failures.front().reason).status,
                std::move(conditions));
}

absl::Status RecordedAt(absl::Status refusal, absl::string_view ledger,
                        uint64_t index) {
  v1::Refusal packed;
  if (!Unpack(refusal, &packed)) return refusal;
  packed.set_ledger(std::string(ledger));
  packed.set_entry_index(index);
  refusal.SetPayload(kPayload, absl::Cord(packed.SerializeAsString()));
  return refusal;
}

std::vector<Condition> ConditionsOf(const absl::Status& status) {
  std::vector<Condition> conditions;
  v1::Refusal refusal;
  if (!Unpack(status, &refusal)) return conditions;
  for (const v1::RefusedCondition& packed : refusal.conditions()) {
    conditions.push_back(
        {packed.reason(), packed.clause(), packed.detail(), packed.remedy()});
  }
  return conditions;
}

absl::Status ForTheWire(const absl::Status& status) {
  return IsLedgerRefused(status) ? Refuse(policy::Reason::kLedgerRefused, "")
                                 : status;
}

std::string StatusDetails(const absl::Status& status) {
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(PublicMessage(status));
  google::rpc::ErrorInfo info;
  info.set_domain("entente");
  v1::Refusal refusal;
  const bool refused = Unpack(status, &refusal);
  info.set_reason(refused ? refusal.conditions(0).reason() : "INTERNAL");
  details.add_details()->PackFrom(info);
  if (refused) details.add_details()->PackFrom(refusal);
  return details.SerializeAsString();
}

std::string PublicMessage(const absl::Status& status) {
  v1::Refusal refusal;
  return Unpack(status, &refusal) ? std::string(status.message())
                                  : kInternalMessage;
}

}  // namespace entente::broker
