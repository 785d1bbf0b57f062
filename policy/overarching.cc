#include "policy/overarching.h"

#include "absl/strings/str_cat.h"

namespace entente::policy {
namespace {

// Why an overarching agreement is not in force for the actors, or nothing.
std::string FaultOf(const AgreementRecord* record, absl::Time now,
                    const Actors& actors) {
  if (record == nullptr) return "it is not known here";
  const VersionRecord* current = record->CurrentAt(now);
  if (current == nullptr) return "no version is in force";
  if (now >= current->agreement->until()) return "it has expired";
  if (now >= current->agreement->overdue()) return "a review is overdue";
  if (record->terminated) return "it has been ended";
  const int64_t version = current->agreement->document().version;
  if (record->IsSuspended(version)) return "it is suspended";
  if (record->sending_suspended_by.count(actors.sender) > 0) {
    return "the sender has suspended its own sending under it";
  }
  if (record->HasWithdrawn(actors.sender, version) ||
      record->HasWithdrawn(actors.recipient, version)) {
    return "the sender or the recipient has withdrawn from it";
  }
  if (!current->agreement->IsParty(actors.caller)) {
    return "the caller is not a party to it";
  }
  return "";
}

bool StandsUnder(const Register& known, absl::string_view id,
                 absl::string_view above, int tiers) {
  const AgreementRecord* record = known.Find(id);
  if (record == nullptr || tiers == 0) return false;
  for (const auto& [number, version] : record->versions) {
    const std::string& under = version.agreement->document().under;
    if (under.empty()) continue;
    if (under == above || StandsUnder(known, under, above, tiers - 1)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Overarching OverarchingOf(const Register& known, absl::Time now,
                          const Agreement& document, const Actors& actors) {
  Overarching above;
  const Agreement* child = &document;
  while (!child->under.empty()) {
    const AgreementRecord* record = known.Find(child->under);
    const std::string fault = above.in_force.size() == kMaxTiers
                                  ? "too many tiers"
                                  : FaultOf(record, now, actors);
    if (!fault.empty()) {
      above.fault = absl::StrCat(child->under, ": ", fault);
      break;
    }
    above.in_force.push_back(record->CurrentAt(now)->agreement);
    child = &above.in_force.back()->document();
  }
  return above;
}

bool StandsUnder(const Register& known, absl::string_view id,
                 absl::string_view above) {
  return StandsUnder(known, id, above, kMaxTiers);
}

}  // namespace entente::policy
